import HTTP

/// What a form sends: `application/x-www-form-urlencoded`, or `multipart/form-data` where it has a file.
struct FormInput: Sendable {
    /// Fields of one form.
    static let fieldsMax = 64

    /// A file that somebody has chosen.
    struct File: Sendable {
        /// As the browser names it, to be shown and nothing else.
        let name: String
        let content: [UInt8]
    }

    private let items: [Target.QueryItem]
    private let files: [String: File]

    /// Reads a body; an empty one has no fields.
    init(_ request: Request) throws(ConsoleFault) {
        let all = request.fields[.contentType] ?? ""
        let type = all.split(separator: ";").first.map(String.init)?.lowercased() ?? ""
        if request.body.isEmpty {
            (items, files) = ([], [:])
        } else if type == "multipart/form-data" {
            guard let form = MultipartForm(request.body, contentType: all) else { throw Self.notUnderstood }
            items = form.parts.filter { $0.fileName == nil }.map {
                .init(name: $0.name, value: String(decoding: $0.content, as: UTF8.self))
            }
            let named = form.parts.compactMap { part in
                part.fileName.map { (part.name, File(name: $0, content: part.content)) }
            }
            files = Dictionary(named) { first, _ in first }
        } else {
            guard type == "application/x-www-form-urlencoded",
                let target = try? Target("/?" + String(decoding: request.body, as: UTF8.self))
            else { throw Self.notUnderstood }
            (items, files) = (target.queryItems, [:])
        }
        guard items.count <= Self.fieldsMax else { throw .invalid("The form has too many fields.") }
    }

    private static let notUnderstood = ConsoleFault.invalid("The form was not understood.")

    /// The value of a field; empty if there is none.
    subscript(name: String) -> String { items.first { $0.name == name }?.value ?? "" }

    /// The file of a field; nil if there is none.
    func file(_ name: String) -> File? { files[name] }
}
