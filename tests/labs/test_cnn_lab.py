"""The CNN lab's face: both goals, and what is shown."""

from course_lib.labs import cnn_lab


def test_both_goals_can_be_reached():
    lab = cnn_lab(epochs=2)
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 0
    lab.controls["rate"].set(0.01)
    lab.buttons["train"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1 and "Your best so far:" in lab.goal_line.value
    lab.controls["epochs"].set(3)
    lab.controls["optimizer"].set("GradientDescent")
    lab.controls["rate"].set(0.3)
    lab.buttons["train"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2 and not lab.error_line.value


def test_the_picture_follows_training_and_the_image_shown():
    lab = cnn_lab()
    seen = [lab.canvas.image.value]
    for act in (lab.buttons["step"].click, lambda: lab.controls["digit"].set(7), lab.buttons["new start"].click):
        act()
        seen.append(lab.canvas.image.value)
    assert len(set(seen)) == len(seen)
    assert "Step 0 of 190" in lab.status_line.value


def test_the_rate_is_live():
    lab = cnn_lab()
    lab.controls["rate"].set(0.02)
    lab.buttons["step"].click()
    assert lab.model.optimizer.learning_rate == 0.02 and lab.model.step == 1
