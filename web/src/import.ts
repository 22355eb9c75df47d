// The place where a file is dropped: the form that it is sent by works without this, too.

function place(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>("input[type=file]")!;
  const tooLarge = form.querySelector<HTMLElement>("[data-too-large]")!;
  const sending = form.querySelector<HTMLElement>("[data-sending]")!;

  const send = () => {
    const file = input.files?.[0];
    if (!file) return;
    tooLarge.hidden = file.size <= Number(form.dataset.largest);
    if (!tooLarge.hidden) return;
    sending.hidden = false;
    form.requestSubmit();
  };
  input.addEventListener("change", send);
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    send();
  });
}

document.querySelectorAll<HTMLFormElement>("form[data-drop]").forEach(place);
