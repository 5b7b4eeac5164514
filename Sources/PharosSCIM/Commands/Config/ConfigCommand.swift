import ArgumentParser
import JSON
import TLS

/// What the settings are, and where they come from.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Check and explain the settings.",
        discussion: """
            Example:
              pharos-scim config check
            """,
        subcommands: [Check.self]
    )
}

extension ConfigCommand {
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Say whether `serve` can use its settings, and of each which value it has, from where, and what it may be.",
            discussion: """
                Takes the options of `serve`, reads the environment and the file as it does, and starts nothing. What cannot be used \
                is told, all of it, with the exit status 6. The environment is that of this command: for variables of the \
                unit, see /etc/pharos-scim/environment.

                Example:
                  pharos-scim config check --config /etc/pharos-scim/pharos-scim.conf
                """
        )

        @OptionGroup var options: ServeOptions
        @OptionGroup var output: OutputOptions

        func validate() throws { try options.sources.validateFlags() }

        func run() throws {
            let sources = options.sources
            let values: SettingValues
            do throws(SettingFault) { values = try sources.read() } catch { throw error.failure }
            let report = SettingsReport(values)
            report.json.show(output) { _ in report.show() }
            do throws(SettingFault) {
                let settings = try ServerSettings(values, sources: sources)
                try Self.readFiles(values, settings)
            } catch {
                throw error.failure
            }
        }

        /// Refuses a certificate and keys that a start would refuse.
        private static func readFiles(
            _ values: SettingValues,
            _ settings: ServerSettings
        ) throws(SettingFault) {
            var faults: [String] = []
            if case .tls(let certificate, let key) = settings.public.transport {
                do throws(TLSError) { _ = try TLSContext(certificateFile: certificate, keyFile: key) } catch {
                    faults.append("tls-cert, tls-key: \(error).")
                }
            }
            if values.isSet(Settings.auditKey), let path = values[Settings.auditKey] {
                do { _ = try AuditKey.read(path) } catch { faults.append("audit-key: \(error)") }
            }
            guard faults.isEmpty else { throw SettingFault(faults) }
        }
    }
}
