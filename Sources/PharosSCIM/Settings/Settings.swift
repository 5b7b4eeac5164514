import Audit
import HTTP
import Server
import Service
import StorageLMDB

/// The registry: every setting of the server and of the web console.
enum Settings {
    /// Settings that belong together, under a title.
    struct Section: Sendable {
        let title: String
        let settings: [any SettingDescription]
    }

    /// Those of the server, in the order in which they are explained.
    static let server = [
        Section(title: "Data", settings: [data, adminSocket]),
        Section(title: "Clients", settings: [listen, publicURL, tlsCert, tlsKey, http, insecureHTTP]),
        Section(title: "Proxies", settings: [trustedProxy, clientFrom]),
        Section(
            title: "Audit trail and log",
            settings: [
                auditOutput, journalNamespace, auditKey, auditOutbox, auditOnFull, auditAck, logLevel,
            ]
        ),
        Section(title: "Monitoring", settings: [monitoringListen]),
        Section(title: "Work", settings: [loops, maxBodyBytes]),
        Section(
            title: "Rates",
            settings: [requestsPerSecond, requestBurst, failuresPerSecond, failureBurst]
        ),
        Section(title: "Commit log", settings: [logHours, logBytes]),
    ]

    /// Those of the web console.
    static let console = [
        Section(title: "Server", settings: [data, adminSocket]),
        Section(title: "Browsers", settings: [listen, publicURL, tlsCert, tlsKey, http, insecureHTTP]),
        Section(title: "Proxies", settings: [trustedProxy, clientFrom]),
        Section(title: "Sign-in", settings: [signIn, providerCA]),
        Section(title: "Log", settings: [logLevel]),
    ]

    static func all(_ scope: SettingScope) -> [any SettingDescription] {
        (scope == .server ? server : console).flatMap(\.settings)
    }
}

extension Settings {
    static let data = Setting(
        "data",
        .folder,
        default: .value(DataFolder.defaultPath),
        "The folder that holds the data."
    )
    static let adminSocket = Setting(
        "admin-socket",
        .socket,
        default: .words("admin.sock in the data folder"),
        "The socket on which a running server takes commands."
    )

    static let listen = Setting(
        "listen",
        SettingKind<ListenPlace>.value(
            "an IP address and a port, or unix: and an absolute path",
            valueName: "place"
        ),
        default: .values(server: "127.0.0.1:8443", console: "127.0.0.1:8444"),
        """
        Where to listen: an IP address and a port, of which 0 asks for a free one; or unix: and the path of a Unix socket, on \
        which plain HTTP is spoken. Sockets that systemd passes come before it.
        """
    )
    static let publicURL = Setting(
        "public-url",
        SettingKind(
            "https:// or http:// and a host, without a path",
            valueName: "url",
            explain: { PublicURL.explain($0) },
            parse: { PublicURL($0) }
        ),
        default: .words("the listening address"),
        """
        How clients reach the server, for Tenant URLs, links and locations. Needed where systemd passes the sockets, and where \
        `listen` names all addresses or a Unix socket.
        """
    )
    static let tlsCert = Setting(
        "tls-cert",
        .file,
        default: .values(
            server: "/etc/pharos-scim/tls/cert.pem",
            console: "/etc/pharos-scim-console/tls/cert.pem"
        ),
        isReloaded: true,
        "The certificate and its chain, PEM."
    )
    static let tlsKey = Setting(
        "tls-key",
        .file,
        default: .values(
            server: "/etc/pharos-scim/tls/key.pem",
            console: "/etc/pharos-scim-console/tls/key.pem"
        ),
        isReloaded: true,
        "The certificate's private key, PEM, not encrypted."
    )
    static let http = Setting(
        "http",
        .yesOrNo,
        default: .value("no"),
        "Serve plain HTTP. On loopback only."
    )
    static let insecureHTTP = Setting(
        "insecure-http",
        .yesOrNo,
        default: .value("no"),
        "Serve plain HTTP on any address, behind a proxy that speaks TLS."
    )

    static let trustedProxy = Setting(
        "trusted-proxy",
        SettingKind.list("addresses, ranges such as 192.0.2.0/24, or unix", valueName: "cidr") {
            TrustedProxy.parse($0)
        },
        default: .words("nobody"),
        """
        A proxy that is believed when it tells for whom it asks: an address, a range such as 192.0.2.0/24, or unix for whoever \
        connects over a Unix socket. The flag may be given several times; elsewhere, commas stand between several.
        """
    )
    static let clientFrom = Setting(
        "client-from",
        SettingKind<TrustedProxies.Source>.word(valueName: "source"),
        default: .value(TrustedProxies.Source.xForwardedFor.rawValue),
        """
        How these proxies tell it: by the field x-forwarded-for or forwarded of each request, or by the header of the \
        proxy-protocol on each connection, without which nobody is served.
        """
    )

    static let auditOutput = Setting(
        "audit-output",
        SettingKind<AuditOutput>.word(valueName: "audit-output"),
        default: .value(AuditOutput.journal.rawValue),
        "Where audit records go: journal, stdout or stderr."
    )
    static let journalNamespace = Setting(
        "journal-namespace",
        .journalNamespace,
        default: .words("the unit's LogNamespace="),
        "The journal namespace in which records are looked for after they were sent."
    )
    static let auditKey = Setting(
        "audit-key",
        .file,
        default: .words("the credential audit-key, else audit-key in the data folder"),
        "The private Ed25519 key that signs the audit trail."
    )
    static let auditOutbox = Setting(
        "audit-outbox",
        .number(10...10_000_000),
        default: .value("\(AuditHealthLimits().outboxRecordsMax)"),
        "How many records may wait for the journal until changes are refused."
    )
    static let auditOnFull = Setting(
        "audit-on-full",
        SettingKind<AuditOnFull>.word(valueName: "word"),
        default: .value(AuditOnFull.refuse.rawValue),
        "What happens then: refuse changes, or continue, where further records wait as long as the disk has room."
    )
    static let auditAck = Setting(
        "audit-ack",
        SettingKind<AuditAcknowledgement>.word(valueName: "word"),
        default: .value(AuditAcknowledgement.store.rawValue),
        "When a change is answered: once it and its record are in the store, or once the record has been read back from the journal."
    )
    static let logLevel = Setting(
        "log-level",
        SettingKind<LogThreshold>.word(valueName: "level"),
        default: .value(LogThreshold.initial.rawValue),
        isReloaded: true,
        "The least important lines that the log on standard error has."
    )

    static let monitoringListen = Setting(
        "monitoring-listen",
        SettingKind<ListenAddress>.value("an IP address and a port", valueName: "host:port"),
        default: .words("on the admin socket only"),
        "Where a monitoring system reads /healthz, /readyz and /metrics over plain HTTP, without a password."
    )

    static let loops = Setting(
        "loops",
        .number(1...256),
        default: .words("one for each processor that the process may use"),
        "Event loops, one thread each."
    )
    static let maxBodyBytes = Setting(
        "max-body-bytes",
        .number(1_024...(64 << 20), valueName: "bytes"),
        default: .value("\(1 << 20)"),
        "The largest request body."
    )

    static let requestsPerSecond = Setting(
        "requests-per-second",
        .number(0...Rate.perSecondRange.upperBound),
        default: .value("\(RateLimits.defaultRequests.perSecond)"),
        isReloaded: true,
        "Requests of one tenant a second, on average; 0 for any number. A bulk request counts by its operations."
    )
    static let requestBurst = Setting(
        "request-burst",
        .number(Rate.burstRange),
        default: .value("\(RateLimits.defaultRequests.burst)"),
        isReloaded: true,
        "Requests that a tenant may send at once."
    )
    static let failuresPerSecond = Setting(
        "failures-per-second",
        .number(0...Rate.perSecondRange.upperBound),
        default: .value("\(RateLimits.defaultFailures.perSecond)"),
        isReloaded: true,
        "Requests without a good token from one address a second, on average; 0 for any number."
    )
    static let failureBurst = Setting(
        "failure-burst",
        .number(Rate.burstRange),
        default: .value("\(RateLimits.defaultFailures.burst)"),
        isReloaded: true,
        "Such requests that an address may send at once."
    )

    static let logHours = Setting(
        "log-hours",
        .number(0...8_784, valueName: "hours"),
        default: .value("24"),
        "How long the commit log keeps what a restart does not need."
    )
    static let logBytes = Setting(
        "log-bytes",
        .number(0...(1 << 40), valueName: "bytes"),
        default: .value("\(LogSettings().retainedBytesMax)"),
        "How much of that it keeps at most."
    )

    static let signIn = Setting(
        "sign-in",
        .file,
        default: .words("one-time links alone"),
        "The identity providers that administrators sign in with, JSON."
    )
    static let providerCA = Setting(
        "provider-ca",
        .file,
        default: .words("the system's"),
        "The certificates that these providers are trusted by, PEM."
    )
}
