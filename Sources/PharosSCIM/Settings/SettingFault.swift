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

    /// As what ends a command.
    var failure: CommandFailure { CommandFailure(isUsage ? .usage : .refused, description) }
}
