import ArgumentParser
import Directory
import HTTP
import JSON
import SCIM
import Tenancy

/// Creates tenants, lists them, turns them on and off.
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Create, list, set up, enable, disable and delete tenants.",
        discussion: """
            A tenant is one customer of the service: its users and groups, its Tenant URL and its token. Commands go \
            to the running server, or to the data folder itself when no server runs.

            Example:
              pharos-scim tenant create acme
            """,
        subcommands: [Create.self, List.self, Show.self, EnableSCIM.self, DisableSCIM.self]
            + TenantSetting.all.map { command(for: $0.type) } + [ClearIgnored.self, Delete.self]
    )
}

/// The name that a tenant has in its URL.
struct TenantArgument: ParsableArguments {
    @Argument(help: "The tenant's name: 1 to 63 lower-case letters, digits and inner hyphens.")
    var tenant: String
}

extension TenantCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a tenant. Its clients are not served before SCIM is enabled for it.",
            discussion: """
                Example:
                  pharos-scim tenant create acme --profile okta
                """
        )

        @OptionGroup var name: TenantArgument
        @Option(help: "What is accepted of its clients; see `tenant set-profile`.")
        var profile = SettingWord<ProfileName>.initial
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let body = JSONObject(uniqueMembers: [
                .init(name: "name", value: .string(name.tenant)),
                .init(name: "profile", value: .string(profile.text)),
            ])
            let tenant = try await data.send(.post, "/tenants", body, mayCreateStore: true)
            tenant.show(output) { AdminText.tenant($0, created: true) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all tenants with the number of their resources.",
            discussion: """
                Example:
                  pharos-scim tenant list --json
                """
        )

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.get, "/tenants").show(output, AdminText.tenants)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show a tenant: its Tenant URL, settings, recognised clients, and the number of its resources.",
            discussion: """
                Attributes that its clients send although no schema defines them have no effect. They are listed, with \
                the number of requests that carried each; `tenant clear-ignored` empties the list.

                Example:
                  pharos-scim tenant show acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.get, "/tenants/\(name.tenant.escaped)").show(output) { AdminText.tenant($0) }
        }
    }

    struct EnableSCIM: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "enable-scim",
            abstract: "Let a tenant's clients in.",
            discussion: """
                Example:
                  pharos-scim tenant enable-scim acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/enable-scim")
                .show(output) { AdminText.tenant($0) }
        }
    }

    struct DisableSCIM: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable-scim",
            abstract: "Refuse a tenant's clients from the next request on. Its data and tokens stay.",
            discussion: """
                Example:
                  pharos-scim tenant disable-scim acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/disable-scim")
                .show(output) { AdminText.tenant($0) }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a tenant with its tokens, users and groups. This cannot be undone.",
            discussion: """
                Its tokens are void at once; its resources are removed in the background. On a terminal the command \
                asks for the tenant's name first; where nobody can answer it refuses, unless --yes is given.

                Example:
                  pharos-scim tenant delete acme --yes
                """
        )

        @OptionGroup var name: TenantArgument
        @Flag(help: "Do not ask.")
        var yes = false
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if !yes { try confirm() }
            try await data.send(.delete, "/tenants/\(name.tenant.escaped)").show(output) { _ in
                Terminal.show("Tenant \(name.tenant) is deleted.")
            }
        }

        private func confirm() throws {
            guard Terminal.isAnswered else {
                throw CommandFailure(
                    .refused,
                    "Nothing was deleted: there is nobody to ask. --yes deletes without asking."
                )
            }
            Terminal.note("This deletes tenant \(name.tenant) and all of its resources. Its name, to go on:")
            guard readLine() == name.tenant else { throw CommandFailure(.refused, "Nothing was deleted.") }
        }
    }
}
