import ArgumentParser
import HTTP
import JSON

/// Marks attributes of a tenant for an index.
struct IndexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Add, list and remove indexes of a tenant's attributes.",
        discussion: """
            Queries by the attributes that are asked for most have an index in every tenant. An index that is added here \
            covers another attribute for one tenant; each costs a little of every change of its attribute.

            Example:
              pharos-scim index add acme User title
            """,
        subcommands: [Add.self, List.self, Remove.self]
    )
}

extension IndexCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an index of an attribute.",
            discussion: """
                The running server builds it beside its other work, and queries use it when it is complete. The attribute \
                is a text or a boolean.

                Example:
                  pharos-scim index add acme User title
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(
            help: ArgumentHelp(
                "The resource type: User, Group or one of the tenant's own.",
                valueName: "type"
            )
        )
        var type: String
        @Argument(help: "The attribute's path; that of an extension's begins with its URN.")
        var attribute: String
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            var body = JSONObject()
            body["resourceType"] = .string(type)
            body["attribute"] = .string(attribute)
            let attribute = attribute
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/indexes", body).show(output) { _ in
                Terminal.show("The index of \(attribute) is being built.")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a tenant's own indexes.",
            discussion: """
                Example:
                  pharos-scim index list acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.get, "/tenants/\(name.tenant.escaped)/indexes").show(
                output,
                AdminText.indexes
            )
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove an index, by its number in the list.",
            discussion: """
                Queries do not use it any more from then on; the running server removes its rows beside its other work.

                Example:
                  pharos-scim index remove acme 1
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "The index's number in `index list`.")
        var number: Int
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let number = number
            try await data.send(.delete, "/tenants/\(name.tenant.escaped)/indexes/\(number)").show(output) {
                _ in
                Terminal.show("Index \(number) is removed.")
            }
        }
    }
}
