import HTTP
import Reactor
import Server
import Service
import StorageLMDB

/// What a serving process is told.
struct ServerSettings: Sendable {
    var folder: DataFolder
    /// How SCIM clients connect.
    var `public`: PublicListener.Settings
    var trail: TrailSettings
    /// Where monitoring systems connect over TCP; nil for nowhere.
    var monitoringAddress: ListenAddress?
    /// Event loops, one thread each.
    var loopCount: Int
    var rates = RateLimits()
    var logLevel = LogThreshold.initial
    var commitLog = LogSettings()
    /// Takes sockets from the service manager where it passes some.
    var takesInheritedSockets: Bool

    /// What an operator has said, and where it is read again; nil for the quickstart, which is told nothing.
    var configured: Configured?

    struct Configured: Sendable {
        let values: SettingValues
        let sources: SettingSources
    }
}

extension ServerSettings {
    /// Settings from where operators write them, if they go together.
    init(_ values: SettingValues, sources: SettingSources) throws(SettingFault) {
        let folder = DataFolder(
            path: values[Settings.data] ?? DataFolder.defaultPath,
            adminSocketPath: values[Settings.adminSocket]
        )
        let monitoring = values[Settings.monitoringListen]
        if let monitoring, monitoring.port != 0, values[Settings.listen] == .address(monitoring) {
            throw values.fault("--monitoring-listen and --listen are the same address.")
        }
        self.init(
            folder: folder,
            public: try PublicListener.Settings(
                values,
                bodyBytesMax: values[Settings.maxBodyBytes] ?? Limits().bodyBytesMax
            ),
            trail: try TrailSettings(values),
            monitoringAddress: monitoring,
            loopCount: values[Settings.loops] ?? ProcessorShare.threadCount,
            rates: RateLimits(values),
            logLevel: values[Settings.logLevel] ?? .initial,
            commitLog: LogSettings(values),
            takesInheritedSockets: true,
            configured: Configured(values: values, sources: sources)
        )
    }
}

extension RateLimits {
    init(_ values: SettingValues) {
        self.init()
        requests = Self.rate(values[Settings.requestsPerSecond], values[Settings.requestBurst], requests)
        failures = Self.rate(values[Settings.failuresPerSecond], values[Settings.failureBurst], failures)
    }

    /// 0 a second is as many as anybody likes.
    private static func rate(_ perSecond: Int?, _ burst: Int?, _ initial: Rate?) -> Rate? {
        guard let perSecond, let burst else { return initial }
        return perSecond == 0 ? nil : Rate(perSecond: perSecond, burst: burst)
    }
}

extension LogSettings {
    init(_ values: SettingValues) {
        self.init()
        if let hours = values[Settings.logHours] { retention = .seconds(hours * 60 * 60) }
        if let bytes = values[Settings.logBytes] { retainedBytesMax = bytes }
    }
}
