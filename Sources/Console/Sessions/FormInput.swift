import HTTP

/// What a form sends: `application/x-www-form-urlencoded`.
struct FormInput: Sendable {
    /// Fields of one form.
    static let fieldsMax = 64

    private let items: [Target.QueryItem]

    /// Reads a body; an empty one has no fields.
    init(_ request: Request) throws(ConsoleFault) {
        guard !request.body.isEmpty else {
            items = []
            return
        }
        let type = request.fields[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard type.lowercased() == "application/x-www-form-urlencoded",
            let target = try? Target("/?" + String(decoding: request.body, as: UTF8.self))
        else { throw .invalid("The form was not understood.") }
        items = target.queryItems
        guard items.count <= Self.fieldsMax else { throw .invalid("The form has too many fields.") }
    }

    /// The value of a field; empty if there is none.
    subscript(name: String) -> String { items.first { $0.name == name }?.value ?? "" }
}
