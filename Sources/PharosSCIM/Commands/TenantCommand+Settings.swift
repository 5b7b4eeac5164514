import ArgumentParser
import HTTP
import JSON
import SCIM

extension TenantCommand {
    struct SetProfile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-profile",
            abstract: "Decide what is accepted of a tenant's clients where they and the standards disagree.",
            discussion: """
                default  works with the most clients
                strict   the RFCs' letter, and the refusals of the interoperability profile
                okta     the RFCs, and what Okta is known to send
                entra    the RFCs, and what Microsoft Entra ID is known to send

                It holds from the next request on, and can be changed at any time.

                Example:
                  pharos-scim tenant set-profile acme okta
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "The profile.")
        var profile: ProfileName
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let body = JSONObject(uniqueMembers: [.init(name: "profile", value: .string(profile.word))])
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/profile", body)
                .show(output) { AdminText.tenant($0) }
        }
    }

    struct SetURLFilters: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-url-filters",
            abstract: "Decide whether a tenant's clients may ask for personal attributes in URLs.",
            discussion: """
                Proxies log URLs. With `refuse`, a GET whose filter names such an attribute is answered with 403, and \
                the client has to ask by POST to .search. Okta and Entra ask by GET, so that `allow` is the default.

                Example:
                  pharos-scim tenant set-url-filters acme refuse
                """
        )

        @OptionGroup var name: TenantArgument
        @Argument(help: "What happens to such filters.")
        var filters: URLFilters
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let body = JSONObject(uniqueMembers: [.init(name: "urlFilters", value: .string(filters.word))])
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/url-filters", body)
                .show(output) { AdminText.tenant($0) }
        }
    }

    struct ClearIgnored: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear-ignored",
            abstract: "Empty the list of attributes that a tenant's clients send to no effect.",
            discussion: """
                `tenant show` has the list. It stays empty once the client's mapping is mended, or a schema defines the \
                attributes. Nothing else changes.

                Example:
                  pharos-scim tenant clear-ignored acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/clear-ignored")
                .show(output) { AdminText.tenant($0) }
        }
    }
}

extension ProfileName: ExpressibleByArgument {
    package init?(argument: String) { self.init(word: argument) }

    package static var allValueStrings: [String] { allCases.map(\.word) }

    package var defaultValueDescription: String { word }
}

extension URLFilters: ExpressibleByArgument {
    package init?(argument: String) { self.init(word: argument) }

    package static var allValueStrings: [String] { allCases.map(\.word) }

    package var defaultValueDescription: String { word }
}
