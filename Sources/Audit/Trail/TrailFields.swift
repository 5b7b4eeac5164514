/// An entry's fields by their names.
struct TrailFields {
    private var values: [String: [String]] = [:]

    init(_ fields: [(name: String, value: String)]) {
        for field in fields { values[field.name, default: []].append(field.value) }
    }

    /// The first value; empty without one.
    subscript(name: String) -> String { values[name]?.first ?? "" }

    /// All values, sorted, since journals keep no order.
    func all(_ name: String) -> [String] { (values[name] ?? []).sorted() }
}
