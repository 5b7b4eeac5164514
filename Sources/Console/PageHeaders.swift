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

/// The cookie of a session (RFC 6265bis: `__Host-` keeps it to this host, TLS and the whole path).
enum SessionCookie {
    static let name = "__Host-pharos"

    static func value(in request: Request) -> String? {
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

    static func set(_ secret: String, on response: inout Response) {
        response.fields.append(
            (FieldName("Set-Cookie"), "\(name)=\(secret); Path=/; Secure; HttpOnly; SameSite=Strict")
        )
    }

    static func remove(on response: inout Response) {
        response.fields.append(
            (FieldName("Set-Cookie"), "\(name)=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
        )
    }
}
