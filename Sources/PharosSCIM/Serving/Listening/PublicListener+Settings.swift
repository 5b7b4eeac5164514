import HTTP
import Reactor
import Server

extension PublicListener.Settings {
    /// What the settings say of a listener, if they go together.
    init(_ values: SettingValues, bodyBytesMax: Int = Limits().bodyBytesMax) throws(SettingFault) {
        guard let listen = values[Settings.listen] else {
            throw SettingFault(["There is no place to listen."])
        }
        let transport = try Self.transport(values, listen)
        let isInsecure = values[Settings.insecureHTTP] ?? false
        if case .plain = transport, values[Settings.http] ?? false, !isInsecure, !listen.isLocal {
            throw values.fault(
                "--http is for loopback; behind a proxy that speaks TLS, use --insecure-http."
            )
        }
        let url = values[Settings.publicURL]?.text
        if !listen.isReachable, url == nil {
            throw values.fault(
                "--listen \(listen.text) needs --public-url, since clients cannot use that address."
            )
        }
        if values.isSet(Settings.clientFrom), !values.isSet(Settings.trustedProxy) {
            throw values.fault("--client-from needs --trusted-proxy.")
        }
        self.init(
            listen: listen,
            transport: transport,
            allowsInsecure: isInsecure,
            url: url,
            bodyBytesMax: bodyBytesMax,
            proxies: TrustedProxies(
                values[Settings.trustedProxy] ?? [],
                source: values[Settings.clientFrom] ?? .xForwardedFor
            )
        )
    }

    private static func transport(
        _ values: SettingValues,
        _ listen: ListenPlace
    ) throws(SettingFault) -> Transport {
        let isPlain = values[Settings.http] ?? false || values[Settings.insecureHTTP] ?? false
        let isCertificateSet = values.isSet(Settings.tlsCert)
        if isCertificateSet != values.isSet(Settings.tlsKey) {
            throw values.fault("--tls-cert and --tls-key belong together.")
        }
        if isCertificateSet, isPlain {
            throw values.fault("--tls-cert does not go with --http or --insecure-http.")
        }
        if isCertificateSet, listen.isUnixSocket {
            throw values.fault(
                "--tls-cert does not go with a Unix socket, on which plain HTTP is spoken."
            )
        }
        if isPlain || listen.isUnixSocket { return .plain }
        guard let certificate = values[Settings.tlsCert], let key = values[Settings.tlsKey],
            isCertificateSet || Host.exists(certificate)
        else {
            throw values.fault(
                """
                TLS needs --tls-cert and --tls-key, or \(Settings.tlsCert.initial.words(values.scope)) and \
                \(Settings.tlsKey.initial.words(values.scope)); --http serves plain HTTP on loopback.
                """
            )
        }
        return .tls(certificatePath: certificate, keyPath: key)
    }
}
