import ArgumentParser

/// Every setting of a server, as flags, and the file that has the others.
struct ServeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file with the settings. (default: PHAROS_SCIM_CONFIG in the environment, else \(SettingScope.server.defaultFile), if it is there)",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var listening: ListenOptions

    @Option(Settings.auditOutput) var auditOutput: String?
    @Option(Settings.journalNamespace) var journalNamespace: String?
    @Option(Settings.auditKey) var auditKey: String?
    @Option(Settings.auditOutbox) var auditOutbox: String?
    @Option(Settings.auditOnFull) var auditOnFull: String?
    @Option(Settings.auditAck) var auditAck: String?
    @Option(Settings.monitoringListen) var monitoringListen: String?
    @Option(Settings.loops) var loops: String?
    @Option(Settings.maxBodyBytes) var maxBodyBytes: String?
    @Option(Settings.requestsPerSecond) var requestsPerSecond: String?
    @Option(Settings.requestBurst) var requestBurst: String?
    @Option(Settings.failuresPerSecond) var failuresPerSecond: String?
    @Option(Settings.failureBurst) var failureBurst: String?
    @Option(Settings.logHours) var logHours: String?
    @Option(Settings.logBytes) var logBytes: String?

    var sources: SettingSources { SettingSources(.server, flags: flags, file: config) }

    private var flags: [SettingFlag?] {
        data.flags + listening.flags + [
            SettingFlag(Settings.auditOutput, auditOutput),
            SettingFlag(Settings.journalNamespace, journalNamespace),
            SettingFlag(Settings.auditKey, auditKey),
            SettingFlag(Settings.auditOutbox, auditOutbox),
            SettingFlag(Settings.auditOnFull, auditOnFull),
            SettingFlag(Settings.auditAck, auditAck),
            SettingFlag(Settings.monitoringListen, monitoringListen),
            SettingFlag(Settings.loops, loops),
            SettingFlag(Settings.maxBodyBytes, maxBodyBytes),
            SettingFlag(Settings.requestsPerSecond, requestsPerSecond),
            SettingFlag(Settings.requestBurst, requestBurst),
            SettingFlag(Settings.failuresPerSecond, failuresPerSecond),
            SettingFlag(Settings.failureBurst, failureBurst),
            SettingFlag(Settings.logHours, logHours),
            SettingFlag(Settings.logBytes, logBytes),
        ]
    }
}
