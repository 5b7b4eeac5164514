import ArgumentParser
import Audit
import HTTP
import JSON
import Reactor
import SCIM
import Service

/// Writes down what clients and operators can do and what the audit trail tells, from the values that the program decides by.
struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract:
            "Write pages of the resource types, an OpenAPI description, the settings, the events of the audit trail, or the manual.",
        discussion: """
            The first two are written from the schemas: the built-in ones, or with --tenant also those of a tenant's own.

            Example:
              pharos-scim docs resource-types --output pages
              pharos-scim docs openapi --tenant acme --output openapi.json
            """,
        subcommands: [
            ResourceTypes.self, OpenAPI.self, Events.self, Configuration.self, ManualPages.self,
        ]
    )
}

/// Whose documents are written.
struct DocsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The tenant whose schemas are described too.", valueName: "name"))
    var tenant: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    /// Where a Tenant URL is shown and none is known.
    static let exampleURL = "https://scim.example.com/acme/scim/v2"

    /// What the tenant's server writes; nil if no tenant is asked for.
    func document(_ name: String) async throws -> JSONObject? {
        guard let tenant else { return nil }
        return try await data.send(.get, "/tenants/\(tenant.escaped)/documents/\(name)")
    }

    func write(_ text: String, to path: String) throws {
        try Host.replaceFile(path, with: Array(text.utf8), mode: 0o644)
        Terminal.note(path)
    }
}

extension DocsCommand {
    struct ResourceTypes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resource-types",
            abstract:
                "Write a page in Markdown for each resource type, with all of its attributes and an example.",
            discussion: """
                Example:
                  pharos-scim docs resource-types --tenant acme --output pages
                """
        )

        @OptionGroup var docs: DocsOptions
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("A folder for the pages. (default: standard output)", valueName: "dir")
        )
        var output: String?

        func run() async throws {
            let pages = try await pages()
            if let output {
                try Host.makeFolder(output, mode: 0o755)
                for page in pages { try docs.write(page.text, to: "\(output)/\(page.name).md") }
            } else {
                let list = pages.map {
                    JSONValue.object(["name": .string($0.name), "text": .string($0.text)])
                }
                JSONObject(uniqueMembers: [.init(name: "pages", value: .array(list))]).show(docs.output) {
                    _ in
                    for page in pages { Terminal.show(page.text) }
                }
            }
        }

        private func pages() async throws -> [(name: String, text: String)] {
            guard let reply = try await docs.document("resource-types") else {
                return SchemaCatalog.core.resourceTypes.map {
                    ($0.name, ResourceTypePage($0, baseURL: DocsOptions.exampleURL).text)
                }
            }
            return reply.list("pages").compactMap(\.object).map { ($0.text("name"), $0.text("text")) }
        }
    }

    struct OpenAPI: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "openapi",
            abstract: "Write an OpenAPI 3.1 description of the HTTP interface, as JSON.",
            discussion: """
                Example:
                  pharos-scim docs openapi --output openapi.json
                """
        )

        @OptionGroup var docs: DocsOptions
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("A file for the description. (default: standard output)", valueName: "file")
        )
        var output: String?

        func run() async throws {
            let description =
                try await docs.document("openapi")
                ?? OpenAPIDescription(catalog: .core, features: .ofThisServer(), baseURL: nil).json.object
                ?? [:]
            let text = JSONValue.object(description).indented
            if let output {
                try docs.write(text + "\n", to: output)
            } else {
                description.show(docs.output) { _ in Terminal.show(text) }
            }
        }
    }
}

extension DocsCommand {
    struct ManualPages: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "man-page",
            abstract: "Write a page of the manual, in the macros of man(7).",
            discussion: """
                An installation has these pages already: man pharos-scim.

                Example:
                  pharos-scim docs man-page pharos-scim-audit | man -l -
                """
        )

        @Argument(help: "Which page.")
        var page: Manual

        func run() throws {
            guard !Terminal.showBytes(Array(page.text.utf8)) else { return }
            throw CommandFailure(.failed, "The page cannot be written to standard output.")
        }
    }
}

extension DocsCommand {
    struct Configuration: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the reference of the settings, in Markdown.",
            discussion: """
                Example:
                  pharos-scim docs configuration
                """
        )

        func run() throws { Terminal.show(SettingsPage.markdown) }
    }
}

extension DocsCommand {
    struct Events: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "events",
            abstract:
                "Write the events of the audit trail, as a table in Markdown or as the journal's catalogue.",
            discussion: """
                Example:
                  pharos-scim docs events --catalogue > pharos-scim.catalog
                """
        )

        @Flag(help: "Write the message catalogue that `journalctl -x` shows.")
        var catalogue = false

        func run() {
            _ = Terminal.showBytes(Array((catalogue ? EventCatalogue.text : EventCatalogue.table).utf8))
        }
    }
}
