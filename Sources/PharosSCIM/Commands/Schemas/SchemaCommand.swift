import ArgumentParser
import HTTP
import JSON
import Reactor
import SCIM

/// Registers schemas for a tenant.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Add, list, show and remove schemas of a tenant's own.",
        discussion: """
            A schema adds attributes to the users or groups of a tenant, or describes a resource type of its own (see \
            `resource-type`). Clients of other tenants see nothing of it.

            Example:
              pharos-scim schema add acme badge.json --extend User
            """,
        subcommands: [Add.self, List.self, Show.self, Remove.self]
    )
}

/// A file of documents, as discovery shows them.
struct DocumentFile: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A file with one JSON object, an array of them, or a list response; - for standard input.",
            valueName: "file"
        )
    )
    var file: String

    /// The longest file that is read.
    private static let bytesMax = 4 << 20

    /// The file's JSON.
    func read() throws -> JSONValue {
        let bytes = try ImportedFile(file).reading {
            try Host.readFile($0, bytesMax: Self.bytesMax, mayWait: true)
        }
        guard let bytes else {
            throw CommandFailure(.notThere, "There is no file \(file).")
        }
        do throws(JSONError) { return try JSONValue(parsing: bytes) } catch {
            throw CommandFailure(.refused, "\(file) is no acceptable JSON: \(error).")
        }
    }
}

extension SchemaCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register schemas, or change registered ones.",
            discussion: """
                The file is in the form of RFC 7643 §7, as /Schemas shows it. All of its schemas are registered, or \
                none. With --extend they become extensions of a resource type, in the same step. While resources use \
                a schema, it can get further attributes, but keeps the ones it has.

                Example:
                  pharos-scim schema add acme badge.json --extend User
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var file: DocumentFile
        @Option(
            help: ArgumentHelp(
                "The resource type to extend: User, Group or one of the tenant's own.",
                valueName: "type"
            )
        )
        var extend: String?
        @Flag(help: "With --extend: each resource of the type must have attributes of the extension.")
        var required = false
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if required, extend == nil {
                throw ValidationError("--required says something about --extend TYPE.")
            }
        }

        func run() async throws {
            var body = JSONObject()
            body["file"] = try file.read()
            if let extend { body["extend"] = .string(extend) }
            body["required"] = .bool(required)
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/schemas", body).show(output) {
                reply in
                for urn in reply.list("added").compactMap(\.text) { Terminal.show("Registered \(urn)") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a tenant's own schemas.",
            discussion: """
                Example:
                  pharos-scim schema list acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.get, "/tenants/\(name.tenant.escaped)/schemas").show(
                output,
                AdminText.schemas
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a schema as JSON, in the form that `schema add` reads.",
            discussion: """
                Example:
                  pharos-scim schema show acme urn:example:schemas:Badge
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "The schema's URN.")
        var urn: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            Terminal.show(
                try await data.send(.get, "/tenants/\(name.tenant.escaped)/schemas/\(urn.escaped)").line
            )
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a schema, also from the resource types that it extends.",
            discussion: """
                Refused while a resource has attributes of it, and while a resource type is made of it.

                Example:
                  pharos-scim schema remove acme urn:example:schemas:Badge
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "The schema's URN.")
        var urn: String
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.delete, "/tenants/\(name.tenant.escaped)/schemas/\(urn.escaped)").show(
                output
            ) { _ in
                Terminal.show("\(urn) is removed.")
            }
        }
    }
}
