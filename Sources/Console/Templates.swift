import ConsoleAssets
import HTTP
import Mustache

/// The templates of all pages.
struct Templates: Sendable {
    /// Each page has one of its own; `layout` is around them all, and `connection` is a part of two.
    static let names = [
        "layout", "fault", "sign-in", "signed-in", "link", "tenants", "sync", "credentials", "regenerate",
        "end-token",
        "pager", "users", "user", "groups", "group", "contact", "why", "imports", "import", "import-gone",
        "rehearse", "story", "record", "gone",
        "sent-before",
    ]

    private let all: MustacheLibrary

    /// - Throws: if a template is no Mustache template.
    init() throws {
        var all = MustacheLibrary()
        for name in Self.names { try all.register(Self.text(name), named: name) }
        self.all = all
    }

    /// The page as HTML, with every value escaped.
    func render(_ view: PageView, _ page: Page) -> [UInt8] {
        guard let text = all.render(view, withTemplate: page.template) else {
            preconditionFailure("There is no template \(page.template).")
        }
        return Array(text.utf8)
    }

    static func text(_ name: String) -> String {
        guard let bytes = EmbeddedFiles.file("\(name).mustache") else {
            preconditionFailure("There is no template \(name).")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A page's template, and its place in the console.
struct Page: Sendable {
    let template: String
    let title: String
    /// Which entry of the navigation is this page's; nil for none.
    var place: String?
}

/// What a template finds: what its own page shows, and what stands around every page.
struct PageView: MustacheParent {
    let frame: Frame
    let content: any View

    func child(named name: String) -> Any? { content.child(named: name) ?? frame.child(named: name) }
}

/// What stands around every page.
struct Frame: View {
    struct Entry: View {
        let title: String
        let path: String
        let isCurrent: Bool
    }

    let title: String
    let styleSheet: String
    let script: String
    let icon: String
    let isSignedIn: Bool
    let personName: String
    let roleTitle: String
    /// In each form: that it is one of this session's.
    let formSecret: String
    /// In each form: that it is carried out once.
    let formNumber: String
    let tenant: String
    let entries: [Entry]
    let mayChange: Bool
    let mayManageTokens: Bool
}

extension ConsoleHandler {
    /// Characters of a person's name in the head of a page; providers set no bound.
    private static let personNameMax = 60

    /// A page around a view.
    func render(
        _ content: any View,
        _ page: Page,
        _ session: Session?,
        tenant: String = "",
        status: Status = .ok
    ) -> Response {
        let frame = Frame(
            title: page.title,
            styleSheet: Asset.style.path,
            script: Asset.script.path,
            icon: Asset.icon.path,
            isSignedIn: session != nil,
            personName: DisplayText.shortened(session?.person.name ?? "", to: Self.personNameMax),
            roleTitle: session?.role.title ?? "",
            formSecret: session?.formSecret ?? "",
            formNumber: FormNumber.make(environment),
            tenant: tenant,
            entries: Navigation.entries(session, tenant: tenant, current: page.place),
            mayChange: session?.role.mayChange ?? false,
            mayManageTokens: session?.role.mayManageTokens ?? false
        )
        let body = templates.render(PageView(frame: frame, content: content), page)
        var response = Response(status, contentType: "text/html; charset=utf-8", body: body)
        PageHeaders.add(to: &response)
        return response
    }
}

extension Exchange {
    func page(_ content: any View, _ page: Page, status: Status = .ok) -> Response {
        console.render(content, page, session, tenant: tenant, status: status)
    }
}

/// The entries of the navigation.
enum Navigation {
    static let secure = "secure"
    static let direct = "direct"
    static let tenants = "tenants"
    static let contact = "contact"
    static let why = "why"
    static let rehearse = "rehearse"
    static let users = "users"
    static let groups = "groups"
    static let imports = "imports"

    static func entries(_ session: Session?, tenant: String, current: String?) -> [Frame.Entry] {
        guard let session else { return [] }
        var entries: [Frame.Entry] = []
        func add(_ title: String, _ path: String, _ place: String) {
            entries.append(.init(title: title, path: path, isCurrent: place == current))
        }
        if session.scope == .everything { add("Tenants", "/tenants", tenants) }
        if !tenant.isEmpty {
            add("Secure › Advanced", "/tenants/\(tenant)/secure/advanced", secure)
            add("Direct › Settings", "/tenants/\(tenant)/direct/settings", direct)
            add("Sync", "/tenants/\(tenant)/sync", contact)
            add("Rehearse", "/tenants/\(tenant)/rehearse", rehearse)
            add("Users", "/tenants/\(tenant)/users", users)
            add("Groups", "/tenants/\(tenant)/groups", groups)
            if session.role.mayChange { add("Import", "/tenants/\(tenant)/import", imports) }
            add("Why can’t they print?", "/tenants/\(tenant)/why", why)
        }
        return entries
    }
}
