import Identity
import JSON

/// Which identity providers administrators sign in with, as an operator has written it into a file.
///
/// ```
/// {"operators": {"issuer": "https://id.example.com", "clientID": "pharos", "clientSecret": "…", "owners": ["ops@example.com"]},
///  "tenants": {"acme": {"issuer": "https://acme.okta.com", "clientID": "…", "clientSecret": "…",
///                       "rolesClaim": "groups", "owners": ["Pharos owners"], "readers": ["ann@acme.com"]}}}
/// ```
package struct SignInSettings: Sendable {
    /// A provider, and what its people may do here.
    struct Provider: Sendable {
        let relyingParty: RelyingPartyConfiguration
        /// Roles of the claim, e-mail addresses or subjects, by what they may do.
        let people: [Role: Set<String>]
        /// Whether the audit trail names people by a digest instead of their e-mail address.
        let recordsDigests: Bool
        /// Keeps that digest from being guessed by those who know the address.
        let digestKey: String
    }

    /// Why a file cannot be used, with the member at fault.
    package struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// The largest file.
    package static let bytesMax = 1 << 20
    /// Tenants with a provider of their own.
    static let tenantsMax = 10_000

    let operators: Provider?
    let tenants: [String: Provider]

    /// Whose people sign in for a tenant; nil stands for all tenants, which are the operators'.
    func provider(of tenant: String?) -> Provider? { tenant.map { tenants[$0] } ?? operators }

    /// Nobody signs in by a provider.
    package static let none = SignInSettings(operators: nil, tenants: [:])

    private init(operators: Provider?, tenants: [String: Provider]) {
        self.operators = operators
        self.tenants = tenants
    }

    /// Reads a file's content.
    ///
    /// `consoleURL`: where the providers send browsers back to.
    /// - Throws: ``Fault``.
    package init(_ content: [UInt8], consoleURL: String, allowsPlainLoopback: Bool = false) throws(Fault) {
        guard content.count <= Self.bytesMax, case .object(let file)? = try? JSONValue(parsing: content)
        else {
            throw Fault(description: "The file is no JSON object, or larger than \(Self.bytesMax) bytes.")
        }
        try Self.check(file, "", allows: ["operators", "tenants"])
        func provider(_ value: JSONValue, _ path: String) throws(Fault) -> Provider {
            guard case .object(let object) = value else { throw Fault(description: "\(path) is no object.") }
            return try Self.provider(object, path, consoleURL, allowsPlainLoopback)
        }
        operators = try file["operators"].map { value throws(Fault) in try provider(value, "operators") }
        guard Self.isObject(file["tenants"]) else { throw Fault(description: "tenants is no object.") }
        var tenants: [String: Provider] = [:]
        for member in file.object("tenants").members {
            tenants[member.name] = try provider(member.value, "tenants.\(member.name)")
        }
        guard tenants.count <= Self.tenantsMax else {
            throw Fault(description: "At most \(Self.tenantsMax) tenants have a provider.")
        }
        self.tenants = tenants
    }

    private static let members: Set = [
        "issuer", "clientID", "clientSecret", "clientAuthentication", "scopes", "rolesClaim", "owners",
        "administrators", "readers", "recordsDigests",
    ]

    private static func check(_ object: JSONObject, _ path: String, allows names: Set<String>) throws(Fault) {
        for member in object.members where !names.contains(member.name) {
            throw Fault(description: "\(path.isEmpty ? "" : path + ".")\(member.name) is not known.")
        }
    }

    /// Whether a member is an object, or not there.
    private static func isObject(_ value: JSONValue?) -> Bool {
        if case .object? = value { true } else { value == nil }
    }

    /// Refuses members of a provider that are not of their kind: passed over, they could let people in or keep them out.
    private static func checkKinds(_ object: JSONObject, _ path: String) throws(Fault) {
        for member in object.members {
            let isRight =
                switch (member.name, member.value) {
                case ("owners", .array(let all)), ("administrators", .array(let all)),
                    ("readers", .array(let all)), ("scopes", .array(let all)):
                    all.allSatisfy { if case .string = $0 { true } else { false } }
                case ("owners", _), ("administrators", _), ("readers", _), ("scopes", _): false
                case ("recordsDigests", let value): value == .bool(true) || value == .bool(false)
                case (_, .string): true
                default: false
                }
            guard isRight else {
                throw Fault(description: "\(path).\(member.name) is not of the kind that it should be.")
            }
        }
    }

    private static func provider(
        _ object: JSONObject,
        _ path: String,
        _ consoleURL: String,
        _ allowsPlainLoopback: Bool
    ) throws(Fault) -> Provider {
        try check(object, path, allows: members)
        try checkKinds(object, path)
        let secret = object.text("clientSecret")
        let authentication: RelyingPartyConfiguration.Authentication
        switch (object.text("clientAuthentication"), secret.isEmpty) {
        case ("none", true), ("", true): authentication = .none
        case ("", false), ("basic", false): authentication = .basic(secret: secret)
        case ("post", false): authentication = .post(secret: secret)
        default:
            throw Fault(
                description:
                    "\(path).clientAuthentication is basic or post with a clientSecret, or none without one."
            )
        }
        guard !object.flag("recordsDigests") || !secret.isEmpty else {
            throw Fault(
                description:
                    "\(path).recordsDigests needs a clientSecret: without a key, a digest tells who somebody is."
            )
        }
        let scopes = object.texts("scopes")
        let people: [Role: Set<String>] = [
            .owner: Set(object.texts("owners")), .administrator: Set(object.texts("administrators")),
            .reader: Set(object.texts("readers")),
        ]
        guard people.values.contains(where: { !$0.isEmpty }) else {
            throw Fault(description: "\(path) names nobody: it needs owners, administrators or readers.")
        }
        do throws(ConfigurationError) {
            let party = try RelyingPartyConfiguration(
                issuer: object.text("issuer"),
                clientID: object.text("clientID"),
                authentication: authentication,
                redirectURI: "\(consoleURL)/sign-in/answer",
                signedOutURI: "\(consoleURL)/sign-in?out=1",
                scopes: scopes.isEmpty ? ["profile", "email"] : scopes,
                rolesClaim: object.text("rolesClaim").isEmpty ? nil : object.text("rolesClaim"),
                allowsPlainLoopback: allowsPlainLoopback
            )
            return Provider(
                relyingParty: party,
                people: people,
                recordsDigests: object.flag("recordsDigests"),
                digestKey: secret
            )
        } catch {
            throw Fault(description: "\(path): \(error)")
        }
    }
}
