import ArgumentParser
import HTTP
import JSON
import Reactor

/// Writes a tenant's resources to a file.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a tenant's users and groups as JSON lines, for `import resources`.",
        discussion: """
            First come the tenant's own schemas and resource types, one on a line. Then each line is a resource with \
            its id, its times and all that is stored of it, print cards included; after \
            the resources come the members of the groups, at most 1,000 on a line. Versions and what the server \
            derives are left out. The same resources give the same bytes. While clients write, each part shows the \
            state in which it was read: disable SCIM first if the whole must fit together.

            The file holds personal data; only its owner may read it.

            Example:
              pharos-scim export acme --output acme.jsonl
            """
    )

    private static let fileMode: UInt32 = 0o600

    @OptionGroup var name: TenantArgument
    @Option(
        help: ArgumentHelp(
            "The file to write; - for standard output, which is also the default.",
            valueName: "file"
        )
    )
    var output: String?
    @OptionGroup var data: DataOptions
    @OptionGroup var form: OutputOptions

    /// Nil for standard output.
    private var path: String? { output == "-" ? nil : output }

    func validate() throws {
        if form.json, path == nil {
            throw ValidationError("--json tells of the file that --output names.")
        }
    }

    func run() async throws {
        var target = try ExportTarget(path, mode: Self.fileMode)
        let count = try await data.withChannel { channel in try await write(channel, to: &target) }
        try target.finish()
        Terminal.progress("")
        guard let path else { return }
        JSONObject(uniqueMembers: [
            .init(name: "tenant", value: .string(name.tenant)), .init(name: "file", value: .string(path)),
            .init(name: "lines", value: .number(JSONNumber(count))),
        ])
        .show(form) { _ in Terminal.show("\(count) lines of tenant \(name.tenant) are in \(path).") }
    }

    private func write(_ channel: AdminChannel, to target: inout ExportTarget) async throws -> Int {
        try target.write([ExportFile.head])
        let definitions = try await ExportedDefinitions.of(name.tenant, through: channel)
        try target.write(definitions.lines)
        var count = definitions.lines.count
        var from = ""
        repeat {
            let query = from.isEmpty ? "" : "?from=\(from.escaped)"
            let page = try await channel.send(.get, "/tenants/\(name.tenant.escaped)/export\(query)")
            let lines = page.list("resources").compactMap(\.object)
            try target.write(lines)
            count += lines.count
            from = page.text("next")
            Terminal.progress("exporting: \(count) lines")
        } while !from.isEmpty
        try target.write([ExportFile.end(lines: count)])
        return count
    }
}

/// A file or standard output.
private struct ExportTarget: ~Copyable {
    private var file: OutputFile?

    init(_ path: String?, mode: UInt32) throws(HostError) {
        if let path { file = try OutputFile(path: path, mode: mode) } else { file = nil }
    }

    mutating func write(_ lines: [JSONObject]) throws {
        var bytes: [UInt8] = []
        for line in lines {
            line.write(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        guard file != nil else {
            guard Terminal.showBytes(bytes) else {
                throw CommandFailure(.failed, "The export cannot be written to standard output.")
            }
            return
        }
        try file?.write(bytes)
    }

    mutating func finish() throws(HostError) { try file?.finish() }
}
