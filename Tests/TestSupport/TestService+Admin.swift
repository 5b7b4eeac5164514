package import HTTP
import Logging
import Monitoring
internal import SCIM
package import Service

extension TestService {
    /// The administration interface, for the user 0.
    ///
    /// `board`: how the server fares.
    package func adminHandler(
        board: HealthBoard = HealthBoard(now: { 0 }, heldFor: { .zero }, commitHeldFor: { .zero }),
        userName: @escaping @Sendable (UInt32) -> String = { _ in "root" },
        control: ServerControl? = nil
    ) -> AdminHandler {
        let metrics = PrometheusMetrics(ServerMetrics.all)
        let instruments = Instruments(metrics)
        let pages = MonitoringPages(board) { [administration] in
            instruments.update((try? TenantFigures(administration).figures) ?? [])
            return metrics.page()
        }
        return AdminHandler(
            administration: administration,
            directory: directory,
            notes: notes,
            features: ServiceProviderFeatures(),
            publicURL: publicURL,
            allowedUsers: [0],
            userName: userName,
            control: control
                ?? ServerControl(
                    check: { [] },
                    reload: { .done(ServerControl.Reloaded()) },
                    pages: pages
                ),
            pipeline: pipeline,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }
}

extension AdminHandler {
    /// What a process of a user is answered; a body is received only where its head is let in.
    package func answer(
        _ method: HTTP.Method,
        _ path: String,
        _ body: String = "",
        fields: [(FieldName, String)] = [],
        userID: UInt32 = 0
    ) async throws -> TestAnswer {
        let request = Request(
            method: method,
            target: try Target(path),
            fields: Fields(fields),
            body: Array(body.utf8),
            peer: Peer(address: nil, userID: userID, isSecure: false)
        )
        if case .answered(let refusal) = admit(request) { return TestAnswer(refusal) }
        return switch handle(request) {
        case .ready(let response): TestAnswer(response)
        case .pending(let operation): TestAnswer(await operation())
        }
    }
}
