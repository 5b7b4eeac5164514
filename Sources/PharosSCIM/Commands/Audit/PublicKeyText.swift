import Audit
import JSON
import TLS

/// How a public key is shown.
enum PublicKeyText {
    static func show(_ key: Ed25519PrivateKey, _ output: OutputOptions) {
        let text = Base64.text(key.publicKey)
        guard output.json else { return Terminal.show(text) }
        Terminal.show(JSONObject(uniqueMembers: [.init(name: "publicKey", value: .string(text))]).line)
    }
}
