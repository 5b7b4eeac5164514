import HTTP
import Testing

@testable import Console

@Suite("Rehearsals in the console")
struct RehearsePageTests {
    @Test(
        "Each answer is shown beside what the provider needs, whatever is in it, and the sheet can be saved"
    )
    func shown() async throws {
        let console = try TestConsole()
        console.backend.answer(
            "POST /tenants/acme/rehearsals",
            """
            {"client":"okta","title":"Okta","tenant":"acme","failed":1,"steps":[
             {"title":"Create Users","method":"POST","path":"/Users","body":{"userName":"<b>ann"},"status":400,
              "answer":{"detail":"<script>"},"expected":"201","finding":"The answer was 400."},
             {"title":"Delete","method":"DELETE","path":"/Users/1","body":null,"status":204,"answer":null,
              "expected":"204","finding":null}]}
            """
        )
        let browser = console.signIn(.reader)
        #expect(try await browser.get("/tenants/acme/rehearse").text.contains("Rehearse Okta"))
        #expect(console.backend.changes.isEmpty)
        var form = Browser.form(of: try await browser.get("/tenants/acme/rehearse").text)
        form["client"] = "okta"
        let page = try await browser.post("/tenants/acme/rehearse", form).text
        #expect(page.contains("1 of 2 requests were not answered") && page.contains("The answer was 400."))
        #expect(
            page.contains("{&quot;userName&quot;:&quot;&lt;b&gt;ann&quot;}") && !page.contains("<script>\"")
        )
        #expect(page.contains("no content"))
        let sheet = try await browser.post("/tenants/acme/rehearse/sheet", form)
        #expect(
            sheet.response[FieldName("Content-Disposition")]
                == #"attachment; filename="rehearsal-acme-okta.json""#
        )
        #expect(sheet.text.hasPrefix(#"{"client":"okta""#))
    }

    @Test("Another client is none, and another tenant's rehearsal is not there")
    func refused() async throws {
        let console = try TestConsole()
        let browser = console.signIn(.owner)
        var form = Browser.form(of: try await browser.get("/tenants/acme/rehearse").text)
        form["client"] = "x"
        #expect(try await browser.post("/tenants/acme/rehearse", form).status == 400)
        form["client"] = "okta"
        #expect(try await browser.post("/tenants/beta/rehearse", form).status == 404)
        #expect(try await browser.post("/tenants/acme/rehearse", ["client": "okta"]).status == 403)
        #expect(try await browser.get("/tenants/beta/rehearse").status == 404)
        #expect(console.backend.changes.isEmpty)
    }
}
