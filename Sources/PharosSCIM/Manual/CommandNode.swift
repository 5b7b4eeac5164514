import ArgumentParser
import JSON

/// A command as the parser describes it, whose help is made from the same description.
struct CommandNode {
    let name: String
    let abstract: String
    let discussion: String
    let arguments: [Argument]
    let subcommands: [CommandNode]

    /// Something that stands behind a command.
    struct Argument: Hashable {
        /// How it is written, with the name of its value: `-o, --output dir`.
        let usage: String
        let explanation: String
        let isPositional: Bool
        /// `--help` and `--version`, which every command has.
        let isCommon: Bool
    }

    /// The program itself.
    static var root: CommandNode {
        let description = try? JSONValue(parsing: Array(PharosCommand._dumpHelp().utf8))
        return CommandNode((description?.object ?? JSONObject()).object("command"))
    }

    private init(_ description: JSONObject) {
        name = description.text("commandName")
        abstract = description.text("abstract")
        discussion = description.text("discussion")
        arguments = description.objects("arguments").filter { $0["shouldDisplay"] != .bool(false) }
            .map { Argument($0) }
        subcommands = description.objects("subcommands").map { CommandNode($0) }
    }

    /// The commands below that do something, by the words that lead there.
    var leaves: [(path: [String], command: CommandNode)] {
        subcommands.isEmpty
            ? [([], self)]
            : subcommands.flatMap { child in child.leaves.map { ([child.name] + $0.path, $0.command) } }
    }
}

extension CommandNode.Argument {
    init(_ description: JSONObject) {
        let names = description.objects("names").map { name in
            (name.text("kind") == "long" ? "--" : "-") + name.text("name")
        }
        let value = description.text("valueName")
        isPositional = description.text("kind") == "positional"
        isCommon = names.contains("--help") || names.contains("--version")
        if isPositional {
            usage = "<\(value)>"
        } else if description.text("kind") == "flag" {
            usage = names.joined(separator: ", ")
        } else {
            usage = "\(names.joined(separator: ", ")) <\(value)>"
        }
        var notes: [String] = []
        let values = description.texts("allValues")
        if !values.isEmpty { notes.append("values: \(values.joined(separator: ", "))") }
        let initial = description.text("defaultValue")
        if !initial.isEmpty, description.text("kind") != "flag" { notes.append("default: \(initial)") }
        let abstract = description.text("abstract")
        explanation = notes.isEmpty ? abstract : "\(abstract) (\(notes.joined(separator: "; ")))"
    }
}
