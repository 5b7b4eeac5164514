import ArgumentParser
import JSON
import Reactor

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
                _ = try ServerSettings(values, sources: sources)
                try Self.findFiles(values)
            } catch {
                throw error.failure
            }
        }

        /// Refuses files that somebody has named and that are not there.
        private static func findFiles(_ values: SettingValues) throws(SettingFault) {
            let missing = [Settings.tlsCert, Settings.tlsKey, Settings.auditKey].compactMap { setting in
                values.isSet(setting) ? values[setting].map { (setting.name, $0) } : nil
            }.filter { !Host.exists($0.1) }
            guard missing.isEmpty else {
                throw SettingFault(missing.map { "\($0.0): there is no file \($0.1)." })
            }
        }
    }
}
