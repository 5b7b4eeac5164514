import ArgumentParser
import Console
import HTTP
import JSON
import Service

/// The web console, and the links that let people into it.
struct ConsoleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Serve the web console, or make a link by which somebody signs in to it.",
        discussion: """
            Example:
              pharos-scim console serve --tls-cert cert.pem --tls-key key.pem --public-url https://console.example.com
              pharos-scim console link acme --minutes 15
            """,
        subcommands: [Serve.self, Link.self],
        defaultSubcommand: Serve.self
    )
}

extension ConsoleCommand {
    struct Serve: ServingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve the web console over HTTPS until a signal ends it.",
            discussion: """
                The console opens no store: it speaks to the running server over its admin socket, and runs as root, as the \
                server's own user, or as a user of its own for whom systemd has opened a socket of the server's \
                (FileDescriptorName=console). Sockets that systemd passes to the console are used in place of --listen \
                (FileDescriptorName=https).

                SIGTERM and SIGINT: requests on their way are answered, then the process ends with status 0. SIGHUP: the \
                certificate, its key and the file of --sign-in are read again; people stay signed in, unless the file does not \
                name them any more.

                Example:
                  pharos-scim console serve --tls-cert cert.pem --tls-key key.pem --listen 0.0.0.0:8444 \\
                    --public-url https://console.example.com
                """
        )

        @OptionGroup var options: ConsoleOptions

        @Flag(help: "Read the certificate and the file of --sign-in, say whether they can be used, and end.")
        var check = false

        @OptionGroup var output: OutputOptions

        func validate() throws { try options.sources.validateFlags() }

        func run() async throws {
            let values: SettingValues
            let settings: PublicListener.Settings
            do throws(SettingFault) {
                values = try options.sources.read()
                settings = try PublicListener.Settings(values, bodyBytesMax: ConsoleHandler.bodyBytesMax)
            } catch {
                throw error.failure
            }
            LogThreshold.current = values[Settings.logLevel] ?? .initial
            let providers = ConsoleServer.SignIn(
                file: values[Settings.signIn],
                caFile: values[Settings.providerCA]
            )
            guard !check else { return try ConsoleServer.check(settings, signIn: providers) }
            let process = ConsoleProcess(
                settings,
                signIn: providers,
                adminSocketPaths: DataFolder(
                    path: values[Settings.data] ?? DataFolder.defaultPath,
                    adminSocketPath: values[Settings.adminSocket]
                ).adminSocketPaths
            )
            let output = output
            try await process.run { url in
                guard output.json else { return }
                Terminal.show(
                    JSONObject(uniqueMembers: [.init(name: "consoleURL", value: .string(url))]).line
                )
            }
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a one-time link by which somebody signs in to the console.",
            discussion: """
                For the first sign-in, and for when a tenant's identity provider is lost. The link is good for one sign-in. \
                Without a tenant it lets an operator see all tenants.

                Example:
                  pharos-scim console link acme --minutes 15 --role administrator
                """
        )

        @Argument(help: "The tenant; without one, the link is for an operator, who sees all tenants.")
        var tenant: String?

        @Option(help: ArgumentHelp("For how many minutes the link is good: 1 to 60.", valueName: "n"))
        var minutes = 15

        @Option(help: "What its person may do: owner, administrator or reader.")
        var role = "owner"

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard ConsoleLinks.minutes.contains(minutes) else {
                throw ValidationError("--minutes is from 1 to \(ConsoleLinks.minutes.upperBound).")
            }
            guard ConsoleLinks.roles.contains(role) else {
                throw ValidationError("--role is one of \(ConsoleLinks.roles.joined(separator: ", ")).")
            }
        }

        func run() async throws {
            let client = AdminClient(socketPaths: data.folder.adminSocketPaths)
            guard try client.isAnswered() else {
                throw CommandFailure(.unreachable, "No server answers on \(data.folder.adminSocketPath).")
            }
            var members: [JSONObject.Member] = [
                .init(name: "minutes", value: .number(JSONNumber(minutes))),
                .init(name: "role", value: .string(role)),
            ]
            if let tenant { members.append(.init(name: "tenant", value: .string(tenant))) }
            try await data.send(.post, "/console-links", JSONObject(uniqueMembers: members)).show(output) {
                link in
                let url = link.text("url")
                Terminal.show(url.isEmpty ? "https://CONSOLE\(link.text("path"))" : url)
                Terminal.note("Good for one sign-in until \(link.text("expires")). Whoever has it gets in.")
            }
        }
    }
}
