// Passkeys. A form with data-passkey (« create » or « get ») asks its data-options-url for a challenge, hands it to the
// browser, and sends what the browser answers in its field « credential ». Without this file a code does.
"use strict";

const without = document.querySelector("[data-passkey-without]");
const failed = document.querySelector("[data-passkey-failed]");

async function askBrowser(form) {
  const body = new URLSearchParams([["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value]]);
  const response = await fetch(form.dataset.optionsUrl, { method: "POST", body });
  if (!response.ok) throw new Error(String(response.status));
  const options = await response.json();
  return form.dataset.passkey === "create" ? webauthnJSON.create(options) : webauthnJSON.get(options);
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.isSecureContext || !webauthnJSON.supported()) continue;
  without.hidden = true;
  form.querySelector("[type=submit]").disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await askBrowser(form));
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}
