/// What operators ask of the server's process itself; whoever has composed the process carries it out.
package struct ServerControl: Sendable {
    /// Looks for damage in the store; may take long.
    let check: @Sendable () async -> [String]
    /// Reads the certificate and its key again.
    let reload: @Sendable () async -> Reload

    /// How reading the certificate again went.
    package enum Reload: Sendable {
        /// The certificate that new connections get: its serial number, and when it ends, as RFC 3339 has it.
        case certificate(serialNumber: String, notAfter: String)
        /// There is no TLS, and so no certificate.
        case nothing
        /// The certificate stays as it was, for this reason.
        case failed(String)
    }

    package init(
        check: @escaping @Sendable () async -> [String],
        reload: @escaping @Sendable () async -> Reload
    ) {
        self.check = check
        self.reload = reload
    }
}
