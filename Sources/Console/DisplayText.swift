/// Texts from outside as pages show them.
enum DisplayText {
    /// Characters that turn the direction of what stands around them (Unicode Bidirectional Algorithm, 2.1 to 2.5), and
    /// control characters, which HTML does not know.
    ///
    /// Letters that are written from right to left do not need them.
    private static func isDisturbing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: false
        case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The text with these characters as their numbers, so that they can be seen.
    static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isDisturbing) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if isDisturbing(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                shown += "[U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// The text, or its beginning with an ellipsis if it is longer than so many characters.
    static func shortened(_ text: String, to max: Int) -> String {
        text.count <= max ? text : "\(text.prefix(max))…"
    }

    /// What somebody says of themselves, in quotation marks, so that it is not taken for what the page says.
    static func quoted(_ text: String, max: Int = 80) -> String {
        let inner = text.map { "“”".contains($0) ? "\"" : $0 }
        return "“\(shortened(String(inner), to: max))”"
    }
}
