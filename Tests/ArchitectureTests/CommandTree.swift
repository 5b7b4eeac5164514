import Foundation

/// The commands of the program, as its own parser describes them.
struct CommandTree: Decodable {
    struct Command: Decodable {
        let commandName: String
        let discussion: String?
        let subcommands: [Command]?
        let arguments: [Argument]?

        /// The commands below that do something, by the words that lead there.
        var leaves: [(words: [String], command: Command)] {
            guard let subcommands, !subcommands.isEmpty else { return [([], self)] }
            return subcommands.flatMap { child in
                child.leaves.map { ([child.commandName] + $0.words, $0.command) }
            }
        }
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        let kind: String
        let names: [Name]?
        let isRepeating: Bool?

        /// `--output`, `-o`; nothing for what has its place instead of a name.
        var spellings: [String] { names?.map { ($0.kind == "long" ? "--" : "-") + $0.name } ?? [] }
    }

    let command: Command

    /// Asks the executable that the build has put beside the tests.
    static func read() throws -> CommandTree {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "pharos-scim")
        let process = Process()
        let output = Pipe()
        process.executableURL = program
        process.arguments = ["--experimental-dump-help"]
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(CommandTree.self, from: text)
    }

    /// The commands that do something; `help` is the parser's own.
    var leaves: [(words: [String], command: Command)] {
        command.leaves.filter { $0.words != ["help"] }
    }

    /// The command lines that the help of commands shows as examples.
    var examples: [String] {
        func examples(_ command: Command) -> [String] {
            let lines = (command.discussion ?? "").split(separator: "\n").filter { $0.hasPrefix("  ") }
            return Document.joined(lines).filter { $0.hasPrefix("pharos-scim ") }
                + (command.subcommands ?? []).flatMap(examples)
        }
        return examples(command)
    }

    /// Every option of every command, as it is written.
    var options: Set<String> {
        func options(_ command: Command) -> [String] {
            (command.arguments ?? []).flatMap(\.spellings) + (command.subcommands ?? []).flatMap(options)
        }
        return Set(options(command))
    }

    /// What is wrong with a command line; nil if the parser knows all of its words and options.
    func fault(in line: String) -> String? {
        var words = Self.words(line)[...]
        guard words.first == command.commandName else { return "it is no command line" }
        words.removeFirst()
        var current = command
        while let subcommands = current.subcommands, !subcommands.isEmpty, let word = words.first {
            if word.hasPrefix("-") { break }
            guard let next = subcommands.first(where: { $0.commandName == word }) else {
                return "there is no command \(word)"
            }
            current = next
            words.removeFirst()
        }
        let arguments = current.arguments ?? []
        let positional = arguments.filter { $0.kind == "positional" }
        var places = positional.contains { $0.isRepeating == true } ? Int.max : positional.count
        while let word = words.popFirst() {
            guard word.hasPrefix("-"), word.count > 1 else {
                places -= 1
                if places < 0 { return "there is no place for \(word)" }
                continue
            }
            let name = word.split(separator: "=").first.map(String.init) ?? word
            guard let option = arguments.first(where: { $0.spellings.contains(name) }) else {
                return "there is no option \(name)"
            }
            if option.kind == "option", name == word, words.popFirst() == nil {
                return "\(name) has no value"
            }
        }
        return nil
    }

    /// The words of a line as a shell reads them, up to the first redirection, pipe or comment.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var quote: Character?
        var isInWord = false
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { words[words.count - 1].append(character) }
            } else if character == " " {
                isInWord = false
            } else if !isInWord, "#|>&;".contains(character) {
                break
            } else {
                if !isInWord { words.append("") }
                isInWord = true
                if "'\"".contains(character) {
                    quote = character
                } else {
                    words[words.count - 1].append(character)
                }
            }
        }
        return words
    }
}
