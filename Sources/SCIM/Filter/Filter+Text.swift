import JSON

extension Filter: CustomStringConvertible {
    /// The filter in canonical form: parsing it gives an equal filter.
    package var description: String { text { $0.text } }

    /// The filter with every value replaced by `?`: what was asked, without whom it was about.
    package var shape: String { text { _ in "?" } }

    private func text(_ literal: (Literal) -> String) -> String {
        switch self {
        case .and(let terms):
            terms.map { term in
                if case .or = term { "(\(term.text(literal)))" } else { term.text(literal) }
            }.joined(separator: " and ")
        case .or(let terms): terms.map { $0.text(literal) }.joined(separator: " or ")
        case .not(let inner): "not (\(inner.text(literal)))"
        case .valuePath(let path, let inner): "\(path)[\(inner.text(literal))]"
        case .comparison(let path, let comparison, let value):
            "\(path) \(comparison.rawValue) \(literal(value))"
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
