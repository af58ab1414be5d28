// Pictures of the positions to which a slider may be moved next (`ahead.py`): kept until they are no longer true, and shown
// as soon as the slider is there. The kernel's own picture of that position follows, and is the same.

export class Ahead {
  constructor(model, show) {
    this.manager = model.widget_manager;
    this.kept = new Map(); // by position
    this.moved = () => this.present && show();
  }

  // The picture of where the slider is, if it is here.
  get present() {
    return this.slider && this.kept.get(this.slider.get("value"));
  }

  async follow(name) {
    if (this.name === name) return;
    this.name = name;
    const slider = await this.manager.get_model(name);
    if (this.name !== name) return;
    this.slider = slider;
    slider.on("change:value", this.moved);
  }

  stop() {
    this.name = null;
    this.slider?.off("change:value", this.moved);
  }
}
