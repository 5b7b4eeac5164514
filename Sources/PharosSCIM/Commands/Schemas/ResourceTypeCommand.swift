import ArgumentParser
import HTTP
import JSON

/// Registers resource types for a tenant.
struct ResourceTypeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resource-type",
        abstract: "Add, list, show and remove resource types of a tenant's own.",
        discussion: """
            A resource type gives a schema an endpoint, at which the tenant's clients create, query and change \
            resources. Its schemas are registered first.

            Example:
              pharos-scim schema add acme printer-schema.json
              pharos-scim resource-type add acme printer-type.json
            """,
        subcommands: [Add.self, List.self, Show.self, Remove.self]
    )
}

extension ResourceTypeCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register resource types, or change registered ones.",
            discussion: """
                The file is in the form of RFC 7643 §6, as /ResourceTypes shows it. All of its types are registered, \
                or none. A type named User or Group adds its schemaExtensions to the built-in one. While there are \
                resources of a type, it keeps its endpoint and schema, and extensions that are in use.

                Example:
                  pharos-scim resource-type add acme printer-type.json
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var file: DocumentFile
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            var body = JSONObject()
            body["file"] = try file.read()
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/resource-types", body).show(output) {
                for type in $0.list("added").compactMap(\.text) { Terminal.show("Registered \(type)") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a tenant's own resource types, and the built-in ones that it extends.",
            discussion: """
                Example:
                  pharos-scim resource-type list acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.get, "/tenants/\(name.tenant.escaped)/resource-types").show(
                output,
                AdminText.resourceTypes
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a resource type as JSON, in the form that `resource-type add` reads.",
            discussion: """
                Of a built-in type it shows the extensions that the tenant has added.

                Example:
                  pharos-scim resource-type show acme Printer
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "The resource type's name.")
        var type: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            Terminal.show(
                try await data.send(.get, "/tenants/\(name.tenant.escaped)/resource-types/\(type.escaped)")
                    .line
            )
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a resource type that has no resources.",
            discussion: """
                Example:
                  pharos-scim resource-type remove acme Printer
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "The resource type's name.")
        var type: String
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.delete, "/tenants/\(name.tenant.escaped)/resource-types/\(type.escaped)")
                .show(output) { _ in Terminal.show("The resource type \(type) is removed.") }
        }
    }
}
