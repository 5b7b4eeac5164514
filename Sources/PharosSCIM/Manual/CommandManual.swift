import JSON

/// The page of the commands, from the tree that `--help` shows.
struct CommandManual {
    private var page: ManualPage

    /// Options of so many commands are explained once.
    private static let sharedCommandsMin = 10

    init(date: String) {
        let root = CommandNode.root
        page = ManualPage(
            root.name,
            section: 1,
            summary: "SCIM 2.0 server for users and groups that identity providers push",
            date: date
        )
        page.section("Synopsis")
        page.paragraph("`pharos-scim` COMMAND [ARGUMENT ...] [OPTION ...]")
        page.paragraph("`pharos-scim` [COMMAND] `--help`")
        page.section("Description")
        page.paragraph(root.abstract)
        page.discussion(root.discussion)

        let leaves = root.leaves.filter { $0.path != ["help"] }
        let shared = Self.shared(leaves)
        page.section("Options of many commands")
        for option in shared { page.term(option.usage, option.explanation) }
        page.term("-h, --help", "Explain the command.")
        page.term("--version", "Tell the version, and what the program was built from.")

        page.section("Commands")
        for leaf in leaves { add(leaf, shared) }

        page.section("Environment")
        page.paragraph(
            """
            Each setting of `serve` and `console serve` has a variable, which `pharos-scim.conf`(5) tells. `pharos-scim load` takes its \
            token from `PHAROS_SCIM_TOKEN`.
            """
        )
        page.section("Files")
        page.term("/var/lib/pharos-scim/", "All data, and what of the audit trail is not delivered yet.")
        page.term("/etc/pharos-scim/", "The settings, `pharos-scim.conf`, and the certificate with its key.")
        page.term("/run/pharos-scim/admin.sock", "Where commands reach the server that systemd runs.")
        page.section("See also")
        page.paragraph("`pharos-scim.conf`(5), `pharos-scim-audit`(7), `systemctl`(1), `journalctl`(1)")
    }

    var text: String { page.text }

    private mutating func add(
        _ leaf: (path: [String], command: CommandNode),
        _ shared: [CommandNode.Argument]
    ) {
        page.subsection(leaf.path.joined(separator: " "))
        let places = leaf.command.arguments.filter(\.isPositional)
        let usage = (["pharos-scim"] + leaf.path).joined(separator: " ")
        page.paragraph((["`\(usage)`"] + places.map(\.usage) + ["[OPTION ...]"]).joined(separator: " "))
        page.paragraph(leaf.command.abstract)
        for argument in leaf.command.arguments where !shared.contains(argument) && !argument.isCommon {
            page.term(argument.usage, argument.explanation)
        }
        page.discussion(leaf.command.discussion)
    }

    /// What most commands take, in the order in which it comes first.
    private static func shared(_ leaves: [(path: [String], command: CommandNode)]) -> [CommandNode.Argument] {
        var counts: [CommandNode.Argument: Int] = [:]
        var order: [CommandNode.Argument] = []
        for argument in leaves.flatMap(\.command.arguments) where !argument.isPositional && !argument.isCommon
        {
            if counts[argument] == nil { order.append(argument) }
            counts[argument, default: 0] += 1
        }
        return order.filter { counts[$0, default: 0] >= sharedCommandsMin }
    }
}
