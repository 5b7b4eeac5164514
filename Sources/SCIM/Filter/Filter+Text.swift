import JSON

extension Filter: CustomStringConvertible {
    /// The filter in canonical form: parsing it gives an equal filter.
    package var description: String {
        switch self {
        case .and(let terms):
            terms.map { term in
                if case .or = term { "(\(term))" } else { "\(term)" }
            }.joined(separator: " and ")
        case .or(let terms): terms.map(\.description).joined(separator: " or ")
        case .not(let inner): "not (\(inner))"
        case .valuePath(let path, let inner): "\(path)[\(inner)]"
        case .comparison(let path, let comparison, let value):
            "\(path) \(comparison.rawValue) \(value.text)"
        case .present(let path): "\(path) pr"
        }
    }
}

extension Filter.Literal {
    /// The literal as JSON.
    var text: String {
        switch self {
        case .string(let text): Self.quoted(text)
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        case .null: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONWriter.appendString(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
