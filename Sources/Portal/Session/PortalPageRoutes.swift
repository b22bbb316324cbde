import HTTPTypes
import Hummingbird

/// The portal's page: `/`, and its files below `/assets/portal/`. All of it is public and holds nothing; what it shows it asks
/// of the API.
///
/// A view is added in `PortalPage/pages.js`, which says how.
struct PortalPageRoutes: Sendable {
    let pages: PageFiles?

    func add(to router: Router<PortalContext>) {
        router.get("/") { request, _ in
            guard let file = pages?["index.html"] else {
                throw Refusal(
                    .notFound, "This installation has no portal page.", hint: "Install share/causeway/PortalPage.")
            }
            var response = PageFiles.answer(file, .ok, request)
            response.headers[.contentSecurityPolicy] = Self.policy
            return response
        }
        router.get("assets/portal/**") { request, context in
            guard let file = pages?[context.parameters.getCatchAll().joined(separator: "/")] else {
                throw Refusal.noSuchPage
            }
            return PageFiles.answer(file, .ok, request)
        }
    }

    /// Own files only (CSP level 3).
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "media-src 'self' blob:",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ].joined(separator: "; ")
}
