import ArgumentParser

/// Where a process listens for clients, and how their connections are protected.
struct ListenOptions: ParsableArguments {
    @Option(Settings.listen) var listen: String?
    @Option(Settings.tlsCert) var tlsCert: String?
    @Option(Settings.tlsKey) var tlsKey: String?
    @Option(Settings.publicURL) var publicURL: String?
    @Flag(Settings.http) var http: Bool
    @Flag(Settings.insecureHTTP) var insecureHTTP: Bool
    @Option(Settings.trustedProxy) var trustedProxy: [String]
    @Option(Settings.clientFrom) var clientFrom: String?
    @Option(Settings.logLevel) var logLevel: String?

    var flags: [SettingFlag?] {
        [
            SettingFlag(Settings.listen, listen),
            SettingFlag(Settings.tlsCert, tlsCert),
            SettingFlag(Settings.tlsKey, tlsKey),
            SettingFlag(Settings.publicURL, publicURL),
            SettingFlag(Settings.http, http),
            SettingFlag(Settings.insecureHTTP, insecureHTTP),
            SettingFlag(Settings.trustedProxy, trustedProxy),
            SettingFlag(Settings.clientFrom, clientFrom),
            SettingFlag(Settings.logLevel, logLevel),
        ]
    }
}
