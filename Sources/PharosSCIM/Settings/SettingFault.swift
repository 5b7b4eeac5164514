/// Settings that cannot be used: what is wrong with each, in sentences.
struct SettingFault: Error, CustomStringConvertible {
    let sentences: [String]
    /// Whether the command line alone is to blame.
    let isUsage: Bool

    init(_ sentences: [String], isUsage: Bool = false) {
        self.sentences = sentences
        self.isUsage = isUsage
    }

    var description: String { sentences.joined(separator: " ") }

    /// As what ends a command: a sentence in each line, of a file that is none of settings not all.
    var failure: CommandFailure {
        var lines = Array(sentences.prefix(Self.linesMax))
        if sentences.count > lines.count { lines.append("And \(sentences.count - lines.count) more.") }
        return CommandFailure(isUsage ? .usage : .refused, lines.joined(separator: "\n"))
    }

    private static let linesMax = 20
}
