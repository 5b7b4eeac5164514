import Testing

@testable import Console

@Suite("Templates")
struct TemplateTests {
    @Test("No template shows a value without escaping it, and none has a style or a script of its own")
    func safety() {
        for name in Templates.names {
            let text = Templates.text(name)
            for forbidden in ["{{{", "{{&", " style=", "<script>", " onclick", "<style", "javascript:"] {
                #expect(!text.contains(forbidden), "\(name) has \(forbidden)")
            }
        }
    }
}
