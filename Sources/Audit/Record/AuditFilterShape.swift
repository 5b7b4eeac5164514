/// What a query filters by, without what it compares with: `userName eq ? and (active eq ? or emails[type eq ?])`.
///
/// It is made of attributes that a schema defines and of words of a closed list, so that no text of a client gets in.
package struct AuditFilterShape: Sendable, Hashable {
    /// A part of a filter.
    package enum Token: Sendable, Hashable {
        case attribute(AuditAttributePath)
        case word(Word)
    }

    package enum Word: String, Sendable, Hashable, CaseIterable {
        case and, or, not, pr
        case eq, ne, co, sw, ew, gt, ge, lt, le
        case open = "(", close = ")", openValues = "[", closeValues = "]"
        /// What is compared with.
        case value = "?"
    }

    /// At most ``bytesMax`` bytes; what is longer ends with `…`.
    package let text: String

    package static let bytesMax = 256

    package init(_ tokens: [Token]) {
        var text = ""
        var joins = true
        for token in tokens {
            let word: String
            switch token {
            case .attribute(let path): word = path.text
            case .word(let known): word = known.rawValue
            }
            let isAttached =
                switch token {
                case .word(.close), .word(.closeValues), .word(.openValues): true
                default: false
                }
            if !joins, !isAttached { text += " " }
            text += word
            joins =
                switch token {
                case .word(.open), .word(.openValues): true
                default: false
                }
        }
        self.text = text.utf8.count <= Self.bytesMax ? text : "\(Self.beginning(of: text))…"
    }

    private static func beginning(of text: String) -> Substring {
        // Names and words are ASCII.
        text.prefix(bytesMax - "…".utf8.count)
    }
}
