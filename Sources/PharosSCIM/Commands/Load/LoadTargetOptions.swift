import ArgumentParser
import HTTP
import Reactor

/// Which server is measured, and with whose token.
struct LoadTargetOptions: ParsableArguments {
    /// The variable that holds the token where no file is named.
    private static let tokenVariable = "PHAROS_SCIM_TOKEN"
    private static let tokenBytesMax = 16 * 1024

    @Option(
        help: ArgumentHelp(
            "The Tenant URL of the server, which may be any SCIM 2.0 server: https, or http on this machine.",
            valueName: "url"
        )
    )
    var url: LoadURL

    @Option(
        help: ArgumentHelp(
            "A file that holds the token. (default: PHAROS_SCIM_TOKEN in the environment)",
            valueName: "file"
        )
    )
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            """
            The certificates that the server's has to lead to, PEM: of authorities, or its own. (default: those that the \
            system trusts)
            """,
            valueName: "file"
        )
    )
    var caFile: String?

    /// The token; it is never printed, and neither is anything that an error could quote of it.
    func token() throws -> String {
        let text: String
        if let tokenFile {
            guard let bytes = try Host.readFile(tokenFile, bytesMax: Self.tokenBytesMax, mayWait: true) else {
                throw CommandFailure(.notThere, "There is no file \(tokenFile).")
            }
            text = String(decoding: bytes, as: UTF8.self)
        } else {
            guard let variable = Host.environment(Self.tokenVariable) else {
                throw ValidationError("The token is missing: --token-file, or \(Self.tokenVariable).")
            }
            text = variable
        }
        let token = text.filter { !$0.isNewline }
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ValidationError(
                "What should be the token is none: it has to be one word of ASCII characters."
            )
        }
        return token
    }
}

/// The URL of a server that is measured.
struct LoadURL: ExpressibleByArgument {
    let url: RemoteURL

    init?(argument: String) {
        guard let url = RemoteURL(argument), !url.requestTarget.contains("?"),
            url.isSecure || url.isLoopback
        else { return nil }
        self.url = url
    }
}
