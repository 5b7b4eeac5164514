/// Texts of others as they may stand in a message: short, on one line, and without characters that change how the rest looks.
package enum SafeText {
    /// Longest name that is repeated: of an algorithm, a key, a claim.
    static let shortMax = 64
    /// Longest sentence of a provider that is repeated.
    static let sentenceMax = 300

    static func short(_ text: String) -> String { clean(text, shortMax) }

    static func sentence(_ text: String) -> String { clean(text, sentenceMax) }

    /// Keeps printable characters; others become a space, and what is left out at the end an ellipsis.
    private static func clean(_ text: String, _ most: Int) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < most else { return result + "…" }
            count += 1
            result.unicodeScalars.append(isPrintable(scalar) ? scalar : " ")
        }
        return result
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters turn the direction of the text around them.
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
            false
        default: true
        }
    }

    /// Whether a text has no control characters, and at most this many bytes, and is not empty.
    static func isPlain(_ text: String, bytesMax: Int) -> Bool {
        !text.isEmpty && text.utf8.count <= bytesMax && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
