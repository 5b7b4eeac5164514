import HTTP

/// What every page tells a browser: keep nothing, run nothing but our own script, show it in no frame.
enum PageHeaders {
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; \
        trusted-types 'none'
        """

    private static let fields: [(FieldName, String)] = [
        (FieldName("Content-Security-Policy"), policy),
        (FieldName("Cache-Control"), "no-store"),
        // Not `no-referrer`: a form's Origin would be `null` then.
        (FieldName("Referrer-Policy"), "same-origin"),
        (FieldName("X-Content-Type-Options"), "nosniff"),
        (FieldName("X-Frame-Options"), "DENY"),
        (FieldName("Cross-Origin-Opener-Policy"), "same-origin"),
        (FieldName("Cross-Origin-Resource-Policy"), "same-origin"),
        (FieldName("Permissions-Policy"), "clipboard-write=(self), camera=(), microphone=(), geolocation=()"),
    ]

    static func add(to response: inout Response) { response.fields += fields }
}

/// A cookie that holds a secret (RFC 6265bis: `__Host-` keeps it to this host, TLS and the whole path).
struct SecretCookie: Sendable {
    let name: String
    /// `Strict`: sent by our own pages alone; `Lax`: also where another site's link leads here.
    let sameSite: String

    func value(in request: Request) -> String? {
        for field in request.fields.all(FieldName("Cookie")) {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name, parts[1].utf8.count == 64
                else { continue }
                return String(parts[1])
            }
        }
        return nil
    }

    func set(_ secret: String, on response: inout Response) { add("\(secret); \(attributes)", to: &response) }

    func remove(on response: inout Response) { add("; \(attributes); Max-Age=0", to: &response) }

    private var attributes: String { "Path=/; Secure; HttpOnly; SameSite=\(sameSite)" }

    private func add(_ text: String, to response: inout Response) {
        response.fields.append((FieldName("Set-Cookie"), "\(name)=\(text)"))
    }
}

/// That of a session.
let sessionCookie = SecretCookie(name: "__Host-pharos", sameSite: "Strict")
/// That of a sign-in which waits for the provider's answer.
let signInCookie = SecretCookie(name: "__Host-pharos-sign-in", sameSite: "Lax")
