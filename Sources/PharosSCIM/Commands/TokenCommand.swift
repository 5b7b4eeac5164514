import ArgumentParser
import HTTP
import JSON
import Tenancy

/// Makes tokens and ends them.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Generate, regenerate, revoke and list the tokens of a tenant.",
        discussion: """
            A token is shown once, when it is made, and is valid for 365 days. The server keeps only a digest of it.

            Example:
              pharos-scim token generate acme
            """,
        subcommands: [Generate.self, Regenerate.self, Revoke.self, List.self]
    )
}

extension TokenCommand {
    struct Generate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a tenant's token and show it once.",
            discussion: """
                Refused while another token of the tenant is valid: use `token regenerate` then.

                Example:
                  pharos-scim token generate acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/tokens").show(
                output,
                AdminText.issued
            )
        }
    }

    struct Regenerate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a tenant's token: the new one is valid at once, the old one ends.",
            discussion: """
                With --overlap the old token stays valid for that time, so that the client can be changed without a \
                refused request. At most 30 days.

                Example:
                  pharos-scim token regenerate acme --overlap 24h
                """
        )

        @OptionGroup var name: TenantArgument
        @Option(help: "How long the old token stays valid: seconds, or 15m, 24h, 7d.")
        var overlap = Overlap.none
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard overlap.seconds <= Administration.overlapSecondsMax else {
                let days = Administration.overlapSecondsMax / 86_400
                throw ValidationError("--overlap is at most \(days) days.")
            }
        }

        func run() async throws {
            let seconds = JSONValue.number(JSONNumber(overlap.seconds))
            let body = JSONObject(uniqueMembers: [.init(name: "overlapSeconds", value: seconds)])
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/tokens/regenerate", body)
                .show(output, AdminText.issued)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a token; the next request with it is refused.",
            discussion: """
                Example:
                  pharos-scim token list acme
                  pharos-scim token revoke acme 3f9c0d1e2a4b
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "The token's id, as `token list` shows it. Not the token itself.")
        var id: String
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.delete, "/tenants/\(name.tenant.escaped)/tokens/\(id.escaped)").show(output)
            { _ in
                Terminal.show("Token \(id) is revoked.")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a tenant's tokens by their ids, also those that have ended.",
            discussion: """
                Example:
                  pharos-scim token list acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.get, "/tenants/\(name.tenant.escaped)/tokens").show(output, AdminText.tokens)
        }
    }
}
