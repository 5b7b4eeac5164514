import ArgumentParser
import Logging
import Reactor

/// The one executable.
struct PharosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pharos-scim",
        abstract: "A SCIM 2.0 server: identity providers push users and groups into it.",
        discussion: """
            To try it, with a demo tenant on this machine:
              pharos-scim quickstart

            To let an identity provider in, beside a running server:
              pharos-scim tenant create acme
              pharos-scim tenant enable-scim acme
              pharos-scim token generate acme

            Exit status: 0 if the command was carried out, 1 if it failed, 2 if `check` found damage, 3 if an import \
            refused some lines, 4 if what it names is not there, 5 if what it makes is there already, 6 if it is \
            refused, 7 if neither a server nor a store can be reached, 8 if a load test met answers that it did not \
            expect, 64 if the command line was not understood. With \
            --json, a refusal is printed as an object with a word (`error`) and a sentence (`message`).
            """,
        version: ProgramVersion.text,
        subcommands: [
            ServeCommand.self, QuickstartCommand.self, TenantCommand.self, TokenCommand.self,
            SchemaCommand.self, ResourceTypeCommand.self, IndexCommand.self, ImportCommand.self,
            ExportCommand.self, AuditCommand.self, CheckCommand.self, BackupCommand.self, RestoreCommand.self,
            StoreCommand.self, StatusCommand.self, ReloadCommand.self, ConfigCommand.self, DocsCommand.self,
            ConsoleCommand.self,
            LoadCommand.self,
        ]
    )
}

extension PharosCommand {
    /// Carries out what the command line says, and ends the process.
    ///
    /// The main thread only waits. An asynchronous `main` would hand it to the dispatch library, which starts a thread
    /// that takes every signal, so that none could be waited for.
    static func start() -> Never {
        // The dispatch library complains in the log of each thread that does not get a higher priority than other processes.
        Host.setEnvironment("LIBDISPATCH_LOG", to: "NO")
        LoggingSystem.bootstrap { ServiceLogHandler(label: $0) }
        do {
            if try parseAsRoot() is any ServingCommand {
                // Before the first thread is started: all of them then leave the signals to the one that waits for them.
                SignalListener.block(ServerProcess.signals)
            }
        } catch {
            CommandFailure.end(with: error)
        }
        // A task of the main thread would otherwise ask for more than the priority of an ordinary process.
        Task(priority: .medium) { await finish() }
        Host.waitForEver()
    }

    private static func finish() async {
        do {
            let command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
            exit()
        } catch {
            CommandFailure.end(with: error)
        }
    }
}

/// A command that serves until a signal ends it.
protocol ServingCommand: AsyncParsableCommand {}
