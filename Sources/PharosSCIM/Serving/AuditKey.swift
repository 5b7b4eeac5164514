import Audit
import Logging
import Reactor
import TLS

/// The key that signs the checkpoints of the audit trail.
///
/// ```
/// --audit-key FILE  else  $CREDENTIALS_DIRECTORY/audit-key  else  DIR/audit-key, which is made if it is not there
/// ```
enum AuditKey {
    /// The credential's name in the unit (systemd.exec(5), `LoadCredential=`).
    private static let credential = "audit-key"
    private static let bytesMax = 4_096
    private static let mode: UInt32 = 0o600

    /// Who signs for a server; the first start without a key makes one beside the data.
    static func signer(_ settings: ServerSettings, _ log: Logger) throws -> CheckpointSigner {
        let path = settings.trail.keyPath ?? credentialPath
        let key: Ed25519PrivateKey
        if let path {
            key = try read(path)
        } else {
            let own = settings.folder.auditKeyPath
            if !Host.exists(own) {
                try write(Ed25519PrivateKey.make(), to: own)
                log.notice(
                    "made a key for the audit trail beside the data, where it protects less than a credential",
                    metadata: ["file": "\(own)"]
                )
            }
            key = try read(own)
        }
        log.notice(
            "checkpoints of the audit trail are signed",
            metadata: ["publicKey": "\(Base64.text(key.publicKey))"]
        )
        return CheckpointSigner(publicKey: key.publicKey) { key.sign($0) }
    }

    /// Where systemd has put the credential; nil without one.
    private static var credentialPath: String? {
        guard let folder = Host.environment("CREDENTIALS_DIRECTORY") else { return nil }
        let path = "\(folder)/\(credential)"
        return Host.exists(path) ? path : nil
    }

    /// Reads a private key.
    static func read(_ path: String) throws -> Ed25519PrivateKey {
        guard let content = try Host.readFile(path, bytesMax: bytesMax) else {
            throw CommandFailure(.notThere, "There is no file \(path).")
        }
        guard let key = Ed25519PrivateKey(file: content) else {
            throw CommandFailure(
                .refused,
                "\(path) holds neither an unencrypted Ed25519 key in PEM form nor the 32 bytes of a seed."
            )
        }
        return key
    }

    /// Writes a private key into a file that only its owner may read.
    static func write(_ key: Ed25519PrivateKey, to path: String) throws {
        try Host.replaceFile(path, with: Array(key.pem.utf8), mode: mode)
    }
}

extension TrailDigest {
    /// With OpenSSL's SHA-256.
    static let system = TrailDigest { Digest.sha256($0) }
}
