extension JSONObject {
    /// The text of a member; empty if it is none.
    package func text(_ name: String) -> String {
        if case .string(let text)? = self[name] { text } else { "" }
    }

    /// Whether a member is there and true.
    package func flag(_ name: String) -> Bool { self[name] == .bool(true) }

    /// The whole number of a member; 0 if it is none.
    package func integer(_ name: String) -> Int {
        if case .number(let number)? = self[name] { number.int64.map(Int.init) ?? 0 } else { 0 }
    }

    /// The object of a member; an empty one if it is none.
    package func object(_ name: String) -> JSONObject {
        if case .object(let object)? = self[name] { object } else { JSONObject() }
    }

    /// The elements of a member; none if it is no array.
    package func list(_ name: String) -> [JSONValue] {
        if case .array(let elements)? = self[name] { elements } else { [] }
    }

    /// The objects among the elements of a member.
    package func objects(_ name: String) -> [JSONObject] {
        list(name).compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    /// The texts among the elements of a member.
    package func texts(_ name: String) -> [String] {
        list(name).compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
}
