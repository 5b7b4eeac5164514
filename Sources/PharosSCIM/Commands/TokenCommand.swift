import ArgumentParser
import HTTP
import JSON
import Tenancy

/// Makes tokens and ends them.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Generate, regenerate, retire, revoke and list the tokens of a tenant.",
        discussion: """
            A token is shown once, when it is made, and is valid for 365 days. The server keeps only a digest of it.

            Example:
              pharos-scim token generate acme
            """,
        subcommands: [Generate.self, Regenerate.self, Retire.self, Revoke.self, List.self]
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
                refused request. At most 30 days. If two tokens are valid already, the one that was used last stays for \
                that time, and the other one ends at once.

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

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a token that was replaced end by itself once nobody uses it any more.",
            discussion: """
                For a token that `token regenerate --overlap` has replaced: the server ends it before the overlap is over, once \
                the new token is in use and the old one was not used for that time.

                Example:
                  pharos-scim token retire acme 3f9c0d1e2a4b --unused 1h
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "The id of the token that was replaced, as `token list` shows it.")
        var id: String
        @Option(
            help:
                "For how long it must not have been used: 15m, 24h, 7d, from 10m to 30d; 0 takes the wish back."
        )
        var unused: Overlap
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let seconds = JSONValue.number(JSONNumber(unused.seconds))
            let body = JSONObject(uniqueMembers: [.init(name: "unusedSeconds", value: seconds)])
            let path = "/tenants/\(name.tenant.escaped)/tokens/\(id.escaped)/retire"
            try await data.send(.post, path, body).show(output) { token in
                Terminal.show("Token \(id): \(token.text("message"))")
            }
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
