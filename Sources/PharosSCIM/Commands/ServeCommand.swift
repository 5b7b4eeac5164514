import ArgumentParser
import Logging
import Reactor

/// Serves until it is told to stop.
struct ServeCommand: ServingCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve SCIM over HTTPS until a signal ends it.",
        discussion: """
            A setting comes from its flag, else from its variable in the environment (PHAROS_SCIM_LISTEN for --listen), else from \
            the file, else it has its default. `pharos-scim config check` tells which it is.

            SIGTERM and SIGINT: requests on their way are answered, then the process ends with status 0. SIGHUP: the \
            settings, the certificate and its key are read again, as by `pharos-scim reload`; open connections stay. Sockets that \
            systemd passes are used in \
            place of --listen (FileDescriptorName=https) and --admin-socket (FileDescriptorName=admin); one named console is \
            for a web console that runs as another user, and one named monitoring takes the place of --monitoring-listen.

            Example:
              pharos-scim serve --data /var/lib/pharos-scim --listen 0.0.0.0:8443 \\
                --tls-cert /etc/pharos-scim/cert.pem --tls-key /etc/pharos-scim/key.pem \\
                --public-url https://scim.example.com
            """
    )

    @OptionGroup var options: ServeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try options.sources.validateFlags() }

    func run() async throws {
        let sources = options.sources
        let values: SettingValues
        let settings: ServerSettings
        do throws(SettingFault) {
            values = try sources.read()
            settings = try ServerSettings(values, sources: sources)
        } catch {
            throw error.failure
        }
        let log = Logger(label: "pharos-scim")
        for name in values.strangers {
            log.warning("\(name) is in the environment, and no setting is called so")
        }
        let output = output
        try await ServerProcess(settings).run { parts in
            if output.json { Terminal.show(parts.readyLine) }
        }
    }
}
