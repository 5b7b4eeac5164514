import HTTP
import JSON

/// Rehearse: what an identity provider would be answered, before it is connected.
enum RehearsePage {
    struct Script: View {
        let client: String
        let title: String
    }

    struct Step: View {
        let title: String
        let method: String
        let path: String
        let body: String
        let status: String
        let answer: String
        let expected: String
        let finding: String
        let isGood: Bool
    }

    struct Sheet: View {
        let client: String
        let title: String
        let sentence: String
        let isGood: Bool
        let steps: [Step]
    }

    struct Content: View {
        let scripts: [Script]
        let sheet: Sheet?
    }

    static let page = Page(template: "rehearse", title: "Rehearse", place: Navigation.rehearse)

    static let scripts = [
        Script(client: "okta", title: "Okta"), Script(client: "entra", title: "Microsoft Entra ID"),
    ]

    @Sendable static func show(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        exchange.page(Content(scripts: scripts, sheet: nil), page)
    }

    @Sendable static func play(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        exchange.page(Content(scripts: scripts, sheet: sheet(of: try await rehearsal(exchange))), page)
    }

    /// The sheet of a rehearsal as a file; the console keeps none, so that it is played anew.
    @Sendable static func save(_ exchange: Exchange) async throws(ConsoleFault) -> Response {
        let rehearsal = try await rehearsal(exchange)
        return exchange.download(
            .object(rehearsal),
            as: "rehearsal-\(exchange.tenant)-\(rehearsal.text("client")).json"
        )
    }

    private static func rehearsal(_ exchange: Exchange) async throws(ConsoleFault) -> JSONObject {
        guard let script = scripts.first(where: { $0.client == exchange.form["client"] }) else {
            throw .invalid("Choose whose requests are played.")
        }
        return try await exchange.post(
            "/tenants/\(exchange.tenant)/rehearsals",
            [("client", .string(script.client))]
        )
    }

    static func sheet(of rehearsal: JSONObject) -> Sheet {
        let steps = rehearsal.objects("steps")
        let failed = rehearsal.integer("failed")
        return Sheet(
            client: rehearsal.text("client"),
            title: rehearsal.text("title"),
            sentence: failed == 0
                ? "All \(steps.count) requests were answered as \(rehearsal.text("title")) needs it."
                : "\(failed) of \(steps.count) requests were not answered as \(rehearsal.text("title")) needs it.",
            isGood: failed == 0,
            steps: steps.map { step in
                let finding = step.text("finding")
                return Step(
                    title: step.text("title"),
                    method: step.text("method"),
                    path: step.text("path"),
                    body: text(of: step["body"]),
                    status: "\(step.integer("status"))",
                    answer: text(of: step["answer"]),
                    expected: step.text("expected"),
                    finding: finding,
                    isGood: finding.isEmpty
                )
            }
        )
    }

    /// A document as its JSON; empty for none.
    private static func text(of document: JSONValue?) -> String {
        guard let document, document != .null else { return "" }
        var bytes: [UInt8] = []
        document.write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
