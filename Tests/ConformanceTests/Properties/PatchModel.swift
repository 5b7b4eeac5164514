import JSON
import SCIM

/// A refusal that the model predicts, by its scimType.
struct ModelRefusal: Error {
    let keyword: SCIMError.Keyword

    init(_ keyword: SCIMError.Keyword) { self.keyword = keyword }
}

/// An element of a multi-valued attribute: its sub-attributes by name.
typealias ModelElement = [String: JSONValue]

/// A user as RFC 7644 §3.5.2 describes what operations make of it, in plain dictionaries.
struct ModelUser: Equatable {
    /// Single values by path; those of the enterprise extension begin with its URN.
    var values: [String: JSONValue] = [:]
    /// Complex values by path: sub-attributes by name.
    var complexes: [String: ModelElement] = [:]
    /// Multi-valued attributes: elements in their order.
    var lists: [String: [ModelElement]] = [:]

    /// RFC 7643 §4.1.1; the text as it is compared.
    var name: String? { Self.prepared(values["userName"]) }

    static let enterprise = Schema.enterpriseUser.id

    static func prepared(_ value: JSONValue?) -> String? {
        if case .string(let text)? = value { CasePreparation.prepare(text) } else { nil }
    }

    // MARK: - Single and complex values

    mutating func set(_ path: String, _ value: JSONValue) {
        values[path] = value == .null ? nil : value
    }

    /// §3.5.2.3: sub-attributes that the value does not name stay; null unassigns.
    mutating func merge(_ path: String, _ members: ModelElement) {
        for (name, value) in members { complexes[path, default: [:]][name] = value == .null ? nil : value }
        if complexes[path]?.isEmpty == true { complexes[path] = nil }
    }

    /// The extension with everything in it.
    mutating func removeEnterprise() {
        values = values.filter { !$0.key.hasPrefix(Self.enterprise) }
        complexes = complexes.filter { !$0.key.hasPrefix(Self.enterprise) }
    }

    // MARK: - Lists

    /// §3.5.2.1: adds what is not there; RFC 7643 §2.4: one value of one type is there once.
    mutating func add(_ elements: [ModelElement], to list: String) throws(ModelRefusal) {
        var all = lists[list] ?? []
        var touched: Set<Int> = []
        // The same element twice in one value is there once.
        for (index, element) in elements.enumerated() where !elements[..<index].contains(element) {
            if let index = all.firstIndex(where: { Self.isSame(element, $0) }) {
                all[index].merge(element) { $1 }
                touched.insert(index)
            } else {
                touched.insert(all.count)
                all.append(element)
            }
        }
        lists[list] = try Self.settled(all, touched)
    }

    private static func isSame(_ new: ModelElement, _ old: ModelElement) -> Bool {
        guard let value = prepared(new["value"]) else { return new == old }
        guard value == prepared(old["value"]) else { return false }
        return prepared(new["type"]) == prepared(old["type"]) || new.allSatisfy { old[$0.key] == $0.value }
    }

    mutating func replace(_ list: String, with elements: [ModelElement]) throws(ModelRefusal) {
        lists[list] = nil
        try add(elements, to: list)
    }

    /// Elements that become primary take that from the others (§3.5.2); two at once contradict each other.
    private static func settled(
        _ elements: [ModelElement],
        _ touched: Set<Int>
    ) throws(ModelRefusal) -> [ModelElement]? {
        let primaries = touched.filter { elements[$0]["primary"] == .bool(true) }
        guard primaries.count <= 1 else { throw ModelRefusal(.invalidValue) }
        var elements = elements
        if let primary = primaries.first {
            for index in elements.indices where index != primary && elements[index]["primary"] == .bool(true)
            {
                elements[index]["primary"] = .bool(false)
            }
        }
        elements.removeAll(where: \.isEmpty)
        return elements.isEmpty ? nil : elements
    }

    /// `list[condition].sub` set to a value; null unassigns.
    mutating func set(
        _ sub: String,
        _ value: JSONValue,
        in list: String,
        where condition: ModelCondition
    ) throws(ModelRefusal) {
        var elements = lists[list] ?? []
        let selected = elements.indices.filter { condition.holds(elements[$0]) }
        guard !selected.isEmpty else {
            // What the condition describes is made, as Entra expects of a replacement without a target.
            guard value != .null else { return }
            guard condition.sub != sub || condition.holds([sub: value]) else { throw ModelRefusal(.noTarget) }
            return try add([condition.element.merging([sub: value]) { $1 }], to: list)
        }
        for index in selected { elements[index][sub] = value == .null ? nil : value }
        let touched = selected.filter { !elements[$0].isEmpty }
        lists[list] = try Self.settled(elements, Set(touched))
    }

    /// Sub-attributes of the selected elements, or of all, unassigned.
    mutating func unassign(_ subs: [String], in list: String, where condition: ModelCondition?) {
        var elements = lists[list] ?? []
        for index in elements.indices where condition?.holds(elements[index]) ?? true {
            for sub in subs { elements[index][sub] = nil }
        }
        elements.removeAll(where: \.isEmpty)
        lists[list] = elements.isEmpty ? nil : elements
    }

    /// `list[condition]` replaced as a whole.
    mutating func replace(
        in list: String,
        where condition: ModelCondition,
        with element: ModelElement
    ) throws(ModelRefusal) {
        let elements = lists[list] ?? []
        guard let place = elements.firstIndex(where: condition.holds) else {
            // What the condition describes is made, unless the value contradicts it.
            guard element[condition.sub] == nil || condition.holds(element) else {
                throw ModelRefusal(.noTarget)
            }
            return try add([condition.element.merging(element) { $1 }], to: list)
        }
        var rest = elements.filter { !condition.holds($0) }
        rest.insert(condition.element.merging(element) { $1 }, at: min(place, rest.count))
        lists[list] = try Self.settled(rest, [min(place, rest.count - 1)])
    }

    mutating func remove(from list: String, where isGone: (ModelElement) -> Bool) {
        let rest = (lists[list] ?? []).filter { !isGone($0) }
        lists[list] = rest.isEmpty ? nil : rest
    }

    // MARK: - Answers

    /// RFC 7643 §4.1.1: what a user must have at the end of a request.
    func validated() throws(ModelRefusal) -> ModelUser {
        guard values["userName"] != nil else { throw ModelRefusal(.invalidValue) }
        return self
    }

    /// The attributes as a client reads them.
    var json: JSONObject {
        var user = JSONObject()
        var more = JSONObject()
        let all =
            values.map { ($0.key, $0.value) } + complexes.map { ($0.key, .object(Self.object($0.value))) }
            + lists.map { ($0.key, .array($0.value.map { .object(Self.object($0)) })) }
        for (path, value) in all {
            if path.hasPrefix(Self.enterprise) {
                more[String(path.dropFirst(Self.enterprise.count + 1))] = value
            } else {
                user[path] = value
            }
        }
        if !more.isEmpty { user[Self.enterprise] = .object(more) }
        user["schemas"] = .array(
            ([Schema.user.id] + (more.isEmpty ? [] : [Self.enterprise])).map(JSONValue.string)
        )
        return user
    }

    static func object(_ element: ModelElement) -> JSONObject {
        JSONObject(
            uniqueMembers: element.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) }
        )
    }
}

/// `sub eq value`, the one kind of condition that clients send in paths.
struct ModelCondition {
    let sub: String
    let value: JSONValue

    /// What the condition describes.
    var element: ModelElement { [sub: value] }
    var text: String { "[\(sub) eq \(value.text)]" }

    func holds(_ element: ModelElement) -> Bool {
        if case .bool(let flag) = value { return (element[sub] == .bool(true)) == flag }
        return element[sub] != nil && ModelUser.prepared(element[sub]) == ModelUser.prepared(value)
    }
}

extension JSONValue {
    /// The value with members and elements in one order, since neither has a meaning (RFC 7643 §2.3.8, §2.4).
    var ordered: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.ordered).sorted { $0.text < $1.text })
        case .object(let object):
            .object(
                JSONObject(
                    uniqueMembers: object.members.sorted { $0.name < $1.name }
                        .map { .init(name: $0.name, value: $0.value.ordered) }
                )
            )
        default: self
        }
    }
}
