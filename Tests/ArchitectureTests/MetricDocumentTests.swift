import Monitoring
import Testing

@Suite("Documentation of figures")
struct MetricDocumentTests {
    @Test("The reference lists every figure with its type, labels and meaning, and no other")
    func figures() throws {
        let page = try Document("docs/reference/metrics.md")
        let rows = page.tables("Name").joined().map { $0.joined(separator: " | ").replacing("`", with: "") }
        let known = ServerMetrics.all.map { family in
            let labels = family.labels.joined(separator: ", ")
            return [
                family.name, family.kind.rawValue, labels.isEmpty ? "–" : labels, family.help,
            ].joined(separator: " | ").replacing("`", with: "")
        }
        #expect(rows.sorted() == known.sorted())
    }
}
