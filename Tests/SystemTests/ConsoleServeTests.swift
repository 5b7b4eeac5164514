import Foundation
import TestSupport
import Testing

@Suite("The command console serve")
struct ConsoleServeTests {
    private static let known =
        #"{"issuer":"https://id.example","clientID":"a","owners":["ann@acme.example"]}"#

    @Test(
        "--check tells whether the file of the sign-in can be used, and serves nothing",
        arguments: [
            ("{}", 0, ""), (#"{"tenants":{"acme":\#(known)}}"#, 0, ""),
            (#"{"tenants":{"acme":{}}}"#, 6, "tenants.acme names nobody"),
            (#"{"tenants":"acme"}"#, 6, "tenants is no object"),
            (
                #"{"tenants":{"acme":{"readers":["b"],"owners":"ann"}}}"#, 6,
                "tenants.acme.owners is not of the kind"
            ),
            (#"{"operators":{"owners":["a"],"recordsDigests":"yes"}}"#, 6, "operators.recordsDigests is not"),
            (#"{"nonsense":1}"#, 6, "nonsense is not known"), ("{", 6, "no JSON object"),
        ] as [(String, Int32, String)]
    )
    func check(content: String, status: Int32, sentence: String) throws {
        try Scratch.use { folder in
            let file = folder.appending(path: "sign-in.json")
            try Data(content.utf8).write(to: file)
            let finished = try Program.run(
                Program.pharos,
                ["console", "serve", "--http", "--check", "--sign-in", file.path]
            )
            #expect(finished.status == status, "\(finished.errors)")
            #expect(sentence.isEmpty ? finished.errors.isEmpty : finished.errors.contains(sentence))
            if status != 0 { #expect(finished.errors.contains(file.path)) }
        }
    }

    @Test("--check refuses a file that is not there, and a certificate that is none")
    func missing() throws {
        try Scratch.use { folder in
            let nothing = folder.appending(path: "none").path
            let file = try Program.run(
                Program.pharos,
                ["console", "serve", "--http", "--check", "--sign-in", nothing]
            )
            #expect(file.status != 0 && file.errors.contains("There is no file \(nothing)."))
            let certificate = try Program.run(
                Program.pharos,
                ["console", "serve", "--check", "--tls-cert", nothing, "--tls-key", nothing]
            )
            #expect(certificate.status != 0 && certificate.errors.contains(nothing))
        }
    }
}
