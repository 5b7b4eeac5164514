import HTTP
import JSON
import OutgoingHTTP
import Reactor
import TLS

/// A load test from its first request to its report.
///
/// ```
///   say hello ─► for each size: prepare or look ─► warm up, measure ─► clean up ─► report
/// ```
package struct LoadTest: Sendable {
    /// Told what begins, and each second how it stands.
    package struct Watcher: Sendable {
        package var begins: @Sendable (String) -> Void
        package var stands: @Sendable (_ stage: String, _ seconds: Double, LoadGlimpse) -> Void

        package init(
            begins: @escaping @Sendable (String) -> Void,
            stands: @escaping @Sendable (String, Double, LoadGlimpse) -> Void
        ) {
            self.begins = begins
            self.stands = stands
        }
    }

    private let url: RemoteURL
    private let token: String
    private let version: String
    private let trust: TLSClientContext.Trust
    private let parameters: LoadParameters
    private let watcher: Watcher?

    /// A test of the server at a Tenant URL.
    ///
    /// - Parameters:
    ///   - url: `https`, or `http` on loopback.
    ///   - token: sent as a bearer token, and kept out of everything that is shown; of visible ASCII characters.
    ///   - version: of this program.
    ///   - trust: whom the server's certificate has to lead to.
    ///   - parameters: what is done.
    ///   - watcher: nil if nobody watches.
    package init(
        url: RemoteURL,
        token: String,
        version: String,
        trust: TLSClientContext.Trust,
        parameters: LoadParameters,
        watcher: Watcher? = nil
    ) {
        self.url = url
        self.token = token
        self.version = version
        self.trust = trust
        self.parameters = parameters
        self.watcher = watcher
    }

    /// Carries the test out.
    ///
    /// - Throws: ``LoadError``.
    package func run() async throws -> LoadReport {
        let (client, engine): (HTTPSClient, LoadEngine)
        do {
            var configuration = HTTPSClient.Configuration()
            configuration.trust = trust
            configuration.allowsPlainLoopback = true
            client = try HTTPSClient(configuration)
            engine = try LoadEngine(loops: parameters.loops)
        } catch let error as TLSError { throw LoadError.certificates(error) } catch let error as SystemError {
            throw LoadError.system(error)
        }
        defer { engine.shutDown() }
        var report = LoadReport(url: url, version: version, parameters: parameters)
        report.provider = try greet(client)
        let place: ConnectionPlace
        do throws(ExchangeError) { place = try client.place(of: url) } catch {
            throw LoadError.exchange(error)
        }
        var session = LoadSession(
            place: place,
            writer: RequestWriter(url: url, token: token, version: version),
            parameters: parameters,
            engine: engine,
            watcher: watcher
        )
        for size in parameters.sizes.sorted() {
            try await session.populate(size)
            if let workload = parameters.workload {
                report.runs.append(try await session.measure(workload))
            }
        }
        report.prepared = session.prepared
        if parameters.cleansUp { report.removed = try await session.cleanUp() }
        return report
    }

    /// Asks for the service provider's configuration, to see whether there is a server and whether it takes the token.
    ///
    /// - Returns: nil if it has none.
    private func greet(_ client: HTTPSClient) throws(LoadError) -> JSONObject? {
        var base = url.text
        while base.hasSuffix("/") { base.removeLast() }
        guard let url = RemoteURL("\(base)/ServiceProviderConfig") else { return nil }
        let request = OutgoingRequest(
            .get,
            url,
            fields: [(.authorization, "Bearer \(token)"), (.accept, "application/scim+json")]
        )
        let answer: ReceivedResponse
        do throws(ExchangeError) { answer = try client.exchange(request) } catch {
            throw .exchange(error)
        }
        if answer.status.code == 401 || answer.status.code == 403 {
            throw .unauthorized(status: answer.status.code)
        }
        guard answer.status == .ok, let value = try? JSONValue(parsing: answer.body),
            case .object(let object) = value
        else { return nil }
        return object
    }
}
